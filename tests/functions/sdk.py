"""Requests of the AWS SDK, as the oracle for requests that are created without the SDK."""

from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.client import Config


def capture_sdk_request(operation: str, arguments: dict[str, Any]) -> Any:
    """Return the signed request of an S3 operation, without sending the request.

    Args:
        operation: name of the operation, such as `GetObject`.
        arguments: arguments of the boto3 method.
    """
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - nothing is sent
        config=Config(retries={"max_attempts": 0}),
    )
    requests: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        requests.append(request)
        raise InterruptedError

    client.meta.events.register(f"before-send.s3.{operation}", stop)
    with pytest.raises(InterruptedError):
        getattr(client, xform_name(operation))(**arguments)
    client.close()
    return requests[0]
