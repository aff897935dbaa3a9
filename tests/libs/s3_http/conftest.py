"""S3 (moto as a server), a gate in front of it, and clients of ours that go through the gate."""

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

import boto3
import pytest
from moto.server import ThreadedMotoServer
from s3_http import ConnectionPool, Deadline, Patience, S3Client, bucket_address, tls_context
from sigv4 import Credentials

from tests.libs.s3_http.gate import Gate, open_gate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

REGION: Final = "eu-west-1"
SOMEBODY = Credentials(access_key_id="ASIAEXAMPLE", secret_access_key="example", session_token="example")  # noqa: S106 - moto lets everybody in

type Connect = Callable[..., S3Client]


@pytest.fixture(scope="session")
def moto_address() -> Iterator[tuple[str, int]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()
    server.stop()


@pytest.fixture
def s3(moto_address: tuple[str, int]) -> "Iterator[Boto3S3Client]":
    """boto3's client, which goes to moto directly and is not counted."""
    host, port = moto_address
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name=REGION,
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - moto lets everybody in
    )
    yield client
    client.close()


@pytest.fixture
def bucket(s3: "Boto3S3Client") -> str:
    """An empty bucket that no other test has."""
    name = f"pictures-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


@pytest.fixture
def gate(moto_address: tuple[str, int]) -> Iterator[Gate]:
    with open_gate(moto_address) as opened:
        yield opened


@pytest.fixture
def connect(gate: Gate, bucket: str) -> Iterator[Connect]:
    """Make a client of the bucket; clients of one test share their connections."""
    patience = Patience(connect_seconds=1, silence_seconds=0.5)
    pool = ConnectionPool(
        bucket_address(bucket, region=REGION, endpoint_url=gate.url), tls_context(), patience
    )

    def client(seconds: float = 5) -> S3Client:
        return S3Client(pool, credentials=SOMEBODY, region=REGION, deadline=Deadline.after(seconds))

    yield client
    pool.close()
