"""S3 clients that reach moto through the fault proxy."""

from collections.abc import Callable, Iterator

import pytest
from lambda_runtime import Deadline
from s3_http import ConnectionPool, RetryPolicy, S3Client, bucket_address
from sigv4 import Credentials

from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, bucket, moto_address, proxy, s3

__all__ = ["bucket", "moto_address", "proxy", "s3"]

type Connect = Callable[..., S3Client]


@pytest.fixture
def attempts() -> int:
    """Number of attempts of a request."""
    return 3


@pytest.fixture
def read_timeout_seconds() -> float:
    """Longest wait for the next bytes of a server."""
    return 10


@pytest.fixture
def connect(proxy: FaultProxy, bucket: str, attempts: int, read_timeout_seconds: float) -> Iterator[Connect]:
    """Make a client for the bucket; the clients of a test share their connections."""
    address = bucket_address(bucket, region=REGION, endpoint_url=proxy.url)
    retry_policy = RetryPolicy(
        connect_timeout_seconds=10, read_timeout_seconds=read_timeout_seconds, attempts=attempts
    )
    pool = ConnectionPool(address, retry_policy=retry_policy)
    credentials = Credentials(
        access_key_id="ASIAEXAMPLE",
        secret_access_key="example",  # noqa: S106 - moto checks no credentials
        session_token="example",  # noqa: S106 - the same
    )

    def client(seconds: float = 60) -> S3Client:
        return S3Client(pool, credentials=credentials, region=REGION, deadline=Deadline.after(seconds))

    yield client
    pool.close()
