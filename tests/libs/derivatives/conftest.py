"""S3 clients for moto, and objects in it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from s3_http import S3Client

from tests.libs.s3_http.conftest import attempts, connect, read_timeout_seconds
from tests.libs.s3_http.servers import bucket, moto_address, proxy, s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

__all__ = ["attempts", "bucket", "connect", "moto_address", "proxy", "read_timeout_seconds", "s3"]

type Put = Callable[..., str]


@pytest.fixture
def client(connect: Callable[[], S3Client]) -> S3Client:
    """The client of the code under test for the bucket of the test."""
    return connect()


@pytest.fixture
def put(s3: "Boto3S3Client", bucket: str) -> Put:
    """Store an object with user metadata; return its ETag without quotes."""

    def put(key: str, data: bytes = b"x", **metadata: str) -> str:
        named = {name.replace("_", "-"): value for name, value in metadata.items()}
        return s3.put_object(Bucket=bucket, Key=key, Body=data, Metadata=named)["ETag"].strip('"')

    return put
