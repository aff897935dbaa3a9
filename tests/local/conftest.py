"""The stacks that tests of this folder share.

- `stack`: edge_resize and regional_resize, with a proxy between the functions and S3.
- `both`: edge_resize and object_lambda, whose origin is changed in place.
"""

import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.local.object_lambda_stack import ORIGINS, SIZES, VARIANTS, Served
from tests.local.s3_proxy import S3Proxy
from tests.local.viewer import Viewer
from tests.running_provider import run_provider
from tools.local import StackOptions
from tools.local.deployment import prepare_terraform
from tools.local.edge.factory import open_edge_location
from tools.local.edge.server import EdgeServer
from tools.local.stack import Stack
from tools.paths import SAMPLES
from tools.terraform import Terraform

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


@pytest.fixture(scope="session")
def s3_proxy() -> Iterator[S3Proxy]:
    with S3Proxy() as proxy:
        yield proxy


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, s3_proxy: S3Proxy) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    options = StackOptions(
        folder=folder,
        variants=("edge_resize", "regional_resize"),
        emulator_environment={"AWS_ENDPOINT_URL": s3_proxy.url},
        # The function purge would add requests to those that tests count.
        variables={"monitoring": {}, "purge": {"enabled": False}},
    )
    with Stack(options) as running:
        s3_proxy.emulator_url = running.emulator_url
        yield running


@pytest.fixture(scope="session")
def viewer(stack: Stack) -> Viewer:
    return Viewer(url=stack.edge_url)


@pytest.fixture(scope="session")
def regional(stack: Stack) -> Served:
    """Serve regional_resize."""
    viewer = Viewer(url=stack.edge_urls["regional_resize"])
    return Served(origin="regional_resize", outputs=stack.outputs, stack=stack, viewer=viewer)


@pytest.fixture(scope="session")
def put(stack: Stack) -> Callable[..., str]:
    """Upload a sample or other bytes under a key, and return the key."""

    def put_object(key: str, sample: str = "", body: bytes = b"", content_type: str = "image/jpeg") -> str:
        content = (SAMPLES / sample).read_bytes() if sample else body
        stack.s3.put_object(
            Bucket=stack.outputs["bucket_name"], Key=key, Body=content, ContentType=content_type
        )
        return key

    return put_object


@pytest.fixture(scope="session")
def invalidate(stack: Stack) -> Callable[[str], None]:
    """Create an invalidation through CloudFront's API."""
    client: CloudFrontClient = stack.emulator.session().client("cloudfront", endpoint_url=stack.emulator_url)

    def create(path: str) -> None:
        client.create_invalidation(
            DistributionId=stack.outputs["distribution_ids"]["edge_resize"],
            InvalidationBatch={
                "CallerReference": str(uuid.uuid4()),
                "Paths": {"Quantity": 1, "Items": [path]},
            },
        )

    return create


def _use_origin(origin: str) -> dict[str, object]:
    return {"object_lambda": {"origin": origin}, "sizes": SIZES}


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("both")
    with Stack(StackOptions(folder=folder, variants=VARIANTS, variables=_use_origin(ORIGINS[0]))) as stack:
        yield stack


@pytest.fixture(scope="session")
def served_by_edge_resize(both: Stack) -> Served:
    """Serve edge_resize."""
    viewer = Viewer(url=both.edge_urls["edge_resize"])
    return Served(origin="edge_resize", outputs=both.outputs, stack=both, viewer=viewer)


@pytest.fixture(scope="session", params=ORIGINS)
def served(both: Stack, served_by_edge_resize: Served, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Serve object_lambda with one of its origins, or edge_resize if a test asks for that variant.

    Only tests in the xdist group `object_lambda` use the fixture.
    """
    origin = request.param
    if origin == served_by_edge_resize.origin:
        yield served_by_edge_resize
        return
    options = replace(both.options, variables=_use_origin(origin))
    terraform = prepare_terraform(options, both.emulator_url)
    if origin != ORIGINS[0]:
        with run_provider(terraform.folder, terraform.environment or {}) as environment:
            Terraform(terraform.folder, environment=environment).apply()
    outputs = terraform.output()
    session = both.emulator.session()
    distribution_id = outputs["distribution_ids"]["object_lambda"]
    open_location = partial(
        open_edge_location,
        session,
        both.emulator_url,
        distribution_id,
        both.emulator.invalidation_log,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    with EdgeServer(listener, open_location):
        viewer = Viewer(url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        yield Served(origin=origin, outputs=outputs, stack=both, viewer=viewer)
