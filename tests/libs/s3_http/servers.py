"""Fixtures: S3 (moto as a server), and a gate in front of it that tests count and break things with."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.libs.s3_http.gate import Gate, open_gate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

REGION: Final = "eu-west-1"


@pytest.fixture(scope="session")
def moto_address() -> Iterator[tuple[str, int]]:
    """Host and port of moto."""
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
    """The way to moto that the code under test takes."""
    with open_gate(moto_address) as opened:
        yield opened
