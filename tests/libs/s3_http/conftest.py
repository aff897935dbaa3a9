"""Clients of ours that reach moto through the proxy."""

from collections.abc import Callable, Iterator

import pytest
from lambda_runtime import Deadline
from s3_http import ConnectionPool, Patience, S3Client, bucket_address, tls_context
from sigv4 import Credentials

from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, bucket, moto_address, proxy, s3

__all__ = ["bucket", "moto_address", "proxy", "s3"]

type Connect = Callable[..., S3Client]


@pytest.fixture
def attempts() -> int:
    """How often a request is tried."""
    return 3


@pytest.fixture
def silence_seconds() -> float:
    """How long a server may say nothing."""
    return 10


@pytest.fixture
def connect(proxy: FaultProxy, bucket: str, attempts: int, silence_seconds: float) -> Iterator[Connect]:
    """Make a client of the bucket; clients of one test share their connections."""
    address = bucket_address(bucket, region=REGION, endpoint_url=proxy.url)
    patience = Patience(connect_seconds=10, silence_seconds=silence_seconds, attempts=attempts)
    pool = ConnectionPool(address, tls_context(), patience)
    somebody = Credentials(access_key_id="ASIAEXAMPLE", secret_access_key="example", session_token="example")  # noqa: S106 - moto lets everybody in

    def client(seconds: float = 60) -> S3Client:
        return S3Client(pool, credentials=somebody, region=REGION, deadline=Deadline.after(seconds))

    yield client
    pool.close()
