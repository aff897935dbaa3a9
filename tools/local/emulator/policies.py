"""Evaluate resource policies for service principals, by MiniStack 1.5.33."""

import json
from collections.abc import Mapping

from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.services import lambda_svc, s3, sqs  # type: ignore[import-untyped]  # as above


def resource_allows(
    service: str, action: str, resource_arn: str, region: str, context: Mapping[str, object]
) -> bool:
    """Return True if the policy of a resource alone allows an action.

    Args:
        service: service principal, such as `cloudfront.amazonaws.com`.
        action: IAM action, such as `s3:GetObject`.
        resource_arn: ARN of the resource.
        region: Region of the request.
        context: condition keys.
    """
    request = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=region,
        service_context={key.lower(): value for key, value in context.items()},
    )
    decision = iam_evaluator.evaluate_resource_policy(
        _policy(resource_arn), request, service=service
    ).decision
    return bool(decision == "Allow")


def _policy(resource_arn: str) -> object:
    """Return the policy of a resource; an empty policy if there is none."""
    _, _, service, _, _, name = resource_arn.split(":", 5)
    if service == "s3-object-lambda":
        return s3._object_lambda_access_points[name.partition("/")[2]]["Policy"]  # noqa: SLF001  # there is no public way in
    lookups = {
        "lambda": [lambda_svc.function_policy_for_arn],
        "sqs": [sqs.queue_policy_for_arn],
        "s3": [s3.bucket_policy_for_arn, s3.access_point_policy_for_arn],
    }
    found = [policy for lookup in lookups.get(service, []) if (policy := lookup(resource_arn))]
    return found[0][0] if found else json.dumps({"Statement": []})
