"""What AWS's own SDK would send, as the oracle for requests made without it."""

from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.client import Config


def request_of_sdk(operation: str, words: dict[str, Any]) -> Any:
    """The signed request of an S3 operation, such as GetObject, caught before it leaves."""
    client = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - nothing is sent
        config=Config(retries={"max_attempts": 0}),
    )
    seen: list[Any] = []

    def stop(request: Any, **_: Any) -> None:
        seen.append(request)
        raise InterruptedError

    client.meta.events.register(f"before-send.s3.{operation}", stop)
    with pytest.raises(InterruptedError):
        getattr(client, xform_name(operation))(**words)
    client.close()
    return seen[0]
