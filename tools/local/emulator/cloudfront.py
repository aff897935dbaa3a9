"""Bridges for origin access control and functions of CloudFront.

MiniStack 1.5.33 supports origin access control only within its own data plane. CloudFront signs as the
service principal cloudfront.amazonaws.com, on behalf of a distribution. The local edge signs as the IAM
user `/cloudfront.amazonaws.com/DISTRIBUTION_ID`, and MiniStack verifies the signature. This bridge then
authorizes the request as the service principal: the user has no permissions, only the resource policy
counts.

The API's model names the version header of the response to UpdateFunction `ETtag`, and clients made from the
model read that header. MiniStack sends `ETag` only. Terraform then publishes without a version, which fails,
and the next plan is empty although viewers still get the old code.

An invalidation is effective at the local edge as soon as the call that created it returns. A query of the API
before each hit would cost ten times as much as the hit. The bridge makes a file longer instead, whose size
the edge reads.

The ARN of a key value store ends with a UUID. MiniStack writes the name there, which the API's model refuses
in the configuration of a function.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.core.responses import get_account_id  # type: ignore[import-untyped]  # as above
from ministack.services import cloudfront, cloudfront_keyvaluestore, s3  # type: ignore[import-untyped]  # as above

from tools.local.emulator.names import CLOUDFRONT, INVALIDATION_LOG, Response
from tools.local.emulator.policies import resource_allows


def install() -> None:
    """Patch MiniStack with the functions of this module. Call once, before the emulator serves."""
    iam_evaluator.enforce = partial(_enforce, iam_evaluator.enforce)
    cloudfront._cf_update_function = partial(  # noqa: SLF001  # there is no public way in
        _update_function,
        cloudfront._cf_update_function,  # noqa: SLF001  # as above
    )
    cloudfront._create_invalidation = partial(  # noqa: SLF001  # as above
        _create_invalidation,
        cloudfront._create_invalidation,  # noqa: SLF001  # as above
    )
    cloudfront._kvs_arn = _make_store_arn  # noqa: SLF001  # as above
    cloudfront_keyvaluestore._kvs_name_from_arn = partial(  # noqa: SLF001  # as above
        _find_store_name,
        cloudfront_keyvaluestore._kvs_name_from_arn,  # noqa: SLF001  # as above
    )


def _make_store_arn(name: str) -> str:  # noqa: ARG001  # MiniStack's signature
    return f"arn:aws:cloudfront::{get_account_id()}:key-value-store/{uuid4()}"


def _find_store_name(
    original: Callable[[str], tuple[str | None, object]], arn: str
) -> tuple[str | None, object]:
    name, error = original(arn)
    stores = cloudfront._kvstores.items()  # noqa: SLF001  # there is no public way in
    return next((other for other, store in stores if store["ARN"] == arn), name), error


def _create_invalidation(original: Callable[..., Response], distribution_id: str, body: object) -> Response:
    response = original(distribution_id, body)
    with Path(os.environ[INVALIDATION_LOG]).open("ab") as log:
        log.write(b".")
    return response


def _update_function(original: Callable[..., Response], name: str, headers: object, body: object) -> Response:
    status, response_headers, response_body = original(name, headers, body)
    if "ETag" in response_headers:
        response_headers = {**response_headers, "ETtag": response_headers["ETag"]}
    return status, response_headers, response_body


def _enforce(  # noqa: PLR0913, PLR0917  # MiniStack's signature
    original: Callable[..., object],
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Mapping[str, Any] | None = None,
) -> object:
    refusal = original(
        access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=service_context
    )
    distribution = _find_distribution(access_key_id)
    if distribution is None or isinstance(refusal, iam_evaluator.AuthError):
        return refusal
    account = distribution.split(":")[4]
    context = {**(service_context or {}), "aws:SourceAccount": account, "aws:SourceArn": distribution}
    if "aws:CalledVia" in context:
        # S3 Object Lambda makes the call. AWS does not document that such a call names the distribution.
        del context["aws:SourceArn"]
    allowed = all(
        resource_allows(CLOUDFRONT, action, resource, region, {**context, **more})
        for action, resource, more in _required_actions(iam_action, resource_arn)
    )
    return None if allowed else refusal


def _find_distribution(access_key_id: str) -> str | None:
    """Return the ARN of the distribution on whose behalf CloudFront calls; None for other callers."""
    account = iam_evaluator.find_iam_access_key_account(access_key_id) if access_key_id else None
    credential = iam_evaluator.resolve_credential(access_key_id, account) if account else None
    arn = str(getattr(credential, "principal_arn", ""))
    _, mark, distribution_id = arn.partition(f":user/{CLOUDFRONT}/")
    return f"arn:aws:cloudfront::{account}:distribution/{distribution_id}" if mark else None


def _required_actions(action: str, resource_arn: str) -> list[tuple[str, str, dict[str, object]]]:
    """Return the actions that the resource policies must allow: action, resource, more condition keys."""
    if action == "lambda:InvokeFunctionUrl":
        through_url: dict[str, object] = {"lambda:InvokedViaFunctionUrl": "true"}
        return [(action, resource_arn, {}), ("lambda:InvokeFunction", resource_arn, through_url)]
    alias = resource_arn.removeprefix("arn:aws:s3:::").partition("/")[0]
    if resolved := s3.resolve_object_lambda_alias(alias):
        account, region, record = resolved
        arn = s3.object_lambda_arn(record["Name"], account, region)
        return [(action.replace("s3:", "s3-object-lambda:"), arn, {})]
    return [(action, resource_arn, {})]
