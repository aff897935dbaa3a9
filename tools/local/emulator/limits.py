"""Bridges for limits that depend on other resources, which MiniStack 1.5.33 does not check.

- S3 accepts a notification only if the function's policy allows the bucket to invoke the function (S3 user
  guide, "Granting permissions to invoke an AWS Lambda function"). Terraform must create the permission first.
- Lambda keeps 100 of an account's concurrent executions unreserved (Lambda developer guide, "Configuring
  reserved concurrency for a function").
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ministack.core.responses import (  # type: ignore[import-untyped]  # MiniStack has no type hints
    error_response_json,
)
from ministack.services import lambda_svc, s3  # type: ignore[import-untyped]  # as above

from tools.local.emulator.policies import resource_allows

MIN_UNRESERVED = 100
_ACCOUNT_LIMIT = 1_000


def install() -> None:
    """Patch MiniStack with the functions of this module. Call once, before the emulator serves."""
    s3._validate_notification_configs = partial(  # noqa: SLF001  # there is no public way in
        _validate_notification_configs,
        s3._validate_notification_configs,  # noqa: SLF001  # as above
    )
    lambda_svc._put_function_concurrency = partial(  # noqa: SLF001  # as above
        _put_function_concurrency,
        lambda_svc._put_function_concurrency,  # noqa: SLF001  # as above
    )


def _validate_notification_configs(
    original: Callable[..., object],
    configs: Sequence[dict[str, str]],
    region: str,
    bucket: str = "",
    skip: bool = False,  # noqa: FBT001, FBT002  # MiniStack's signature
) -> object:
    if skip or (error := original(configs, region, bucket, skip)):
        return None if skip else error
    context = {
        "aws:SourceArn": f"arn:aws:s3:::{bucket}",
        "aws:SourceAccount": s3._bucket_owner_account(bucket),  # noqa: SLF001  # as above
    }
    for config in configs:
        arn = config["arn"]
        if config["type"] == "lambda" and not resource_allows(
            "s3.amazonaws.com", "lambda:InvokeFunction", arn, region, context
        ):
            return s3._invalid_notification_config(  # noqa: SLF001  # as above
                f"Unable to validate the following destination configurations: {arn}"
            )
    return None


def _put_function_concurrency(original: Callable[..., object], name: str, data: dict[str, Any]) -> object:
    functions = lambda_svc._functions  # noqa: SLF001  # as above
    others = sum(int(functions[key].get("concurrency") or 0) for key in functions if key != name)
    if _ACCOUNT_LIMIT - others - int(data["ReservedConcurrentExecutions"]) < MIN_UNRESERVED:
        return error_response_json(
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's "
            f"UnreservedConcurrentExecution below its minimum value of [{MIN_UNRESERVED}].",
            400,
        )
    return original(name, data)
