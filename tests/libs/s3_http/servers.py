"""Fixtures: moto as the S3 server, and the fault proxy in front of moto."""

import uuid
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from moto.s3.models import FakeKey, s3_backends
from moto.server import ThreadedMotoServer

from tests.libs.s3_http.fault_proxy import FaultProxy, open_proxy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

REGION: Final = "eu-west-1"


@pytest.fixture(scope="session")
def moto_address() -> Iterator[tuple[str, int]]:
    """Run moto; return its host and port."""
    with pytest.MonkeyPatch.context() as patch:
        # Otherwise moto lists the folders of its 180 services for each request: a third of its CPU time.
        name = "get_backend_for_host"
        patch.setattr(DomainDispatcherApplication, name, cache(getattr(DomainDispatcherApplication, name)))
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        yield server.get_host_and_port()
        server.stop()


def moto_client(service: str, address: tuple[str, int]) -> Any:
    """Return a boto3 client of a service of moto."""
    host, port = address
    return boto3.client(  # type: ignore[call-overload]  # the service is a variable
        service,
        endpoint_url=f"http://{host}:{port}",
        region_name=REGION,
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - moto checks no credentials
    )


@pytest.fixture(scope="session")
def s3(moto_address: tuple[str, int]) -> "Iterator[Boto3S3Client]":
    """A boto3 client for moto itself: the proxy does not record its requests."""
    client = moto_client("s3", moto_address)
    yield client
    client.close()


@pytest.fixture
def bucket() -> str:
    """An empty bucket for one test."""
    name = f"images-{uuid.uuid4()}"
    create_bucket(name)
    return name


def create_bucket(name: str) -> None:
    """Create a bucket in the memory of moto, in a tenth of the CPU time of a request."""
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].create_bucket(name, REGION)


@pytest.fixture
def proxy(moto_address: tuple[str, int]) -> Iterator[FaultProxy]:
    """The endpoint of the code under test, in front of moto. Objects that a test stores end with the test."""
    objects = FakeKey.instances_tracked  # type: ignore[attr-defined]  # its metaclass has no types
    before = len(objects)
    with open_proxy(moto_address) as opened:
        yield opened
    # Moto would keep the objects of all tests in memory, and each fork would take longer.
    for stored in objects[before:]:
        stored.dispose()
    del objects[before:]
