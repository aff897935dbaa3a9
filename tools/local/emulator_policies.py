"""What the policy of a resource lets a service principal do, asked of MiniStack 1.5.33."""

import json
from collections.abc import Mapping

from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.services import lambda_svc, s3  # type: ignore[import-untyped]  # as above


def resource_allows(
    service: str, action: str, resource_arn: str, region: str, context: Mapping[str, object]
) -> bool:
    """Whether the policy of a resource, and nothing else, allows an action.

    Args:
        service: principal, like `cloudfront.amazonaws.com`.
        action: like `s3:GetObject`.
        resource_arn: of the resource.
        region: of the request.
        context: condition keys.
    """
    asked = iam_evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource_arn,
        region=region,
        service_context={key.lower(): value for key, value in context.items()},
    )
    decision = iam_evaluator.evaluate_resource_policy(_policy(resource_arn), asked, service=service).decision
    return bool(decision == "Allow")


def _policy(resource_arn: str) -> object:
    """The policy of a resource; an empty one where there is none."""
    _, _, service, _, _, name = resource_arn.split(":", 5)
    if service == "s3-object-lambda":
        return s3._object_lambda_access_points[name.partition("/")[2]]["Policy"]  # noqa: SLF001  # there is no public way in
    lookups = {
        "lambda": [lambda_svc.function_policy_for_arn],
        "s3": [s3.bucket_policy_for_arn, s3.access_point_policy_for_arn],
    }
    found = [policy for lookup in lookups.get(service, []) if (policy := lookup(resource_arn))]
    return found[0][0] if found else json.dumps({"Statement": []})
