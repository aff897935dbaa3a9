import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.running_provider import run_provider
from tools.terraform import Terraform, isolate_environment, make_working_copy

BUCKET = "holiday-images"
REGION: Final = "eu-central-1"

OVERRIDE = """
provider "aws" {
  access_key                  = "test"
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}

provider "aws" {
  alias                       = "us_east_1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"""


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a placeholder for each zip. Terraform reads only the bytes of a zip."""
    dist = tmp_path_factory.mktemp("dist")
    for function in ("edge_resize", "edge_signer", "object_lambda", "purge", "regional_resize", "s3_trigger"):
        with zipfile.ZipFile(dist / f"{function}.zip", "w") as archive:
            archive.writestr(f"{function}/handler.py", "def lambda_handler(event, context): ...\n")
    return dist


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory, aws: str) -> dict[str, str]:
    """An environment in which Terraform finds no settings of the user, and sends all requests to moto."""
    return isolate_environment(tmp_path_factory.mktemp("home")) | {"AWS_ENDPOINT_URL": aws}


@pytest.fixture(scope="session")
def attached(root: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment, with an AWS provider that runs already: Terraform would start several for each test.

    For validation, mocked resources and equal configurations of the provider: all share the process.
    """
    with run_provider(root, environment) as attached:
        yield attached


@pytest.fixture
def configuration(tmp_path: Path, dist: Path) -> Path:
    """A copy of the root module in the temporary folder of the test."""
    return make_working_copy(tmp_path, dist=dist)


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """URL of moto, which stands in for S3 and STS: a plan reads nothing else."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106  moto takes any
    s3 = session.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.close()
    yield url
    server.stop()


@pytest.fixture(scope="session")
def root(dist: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the root with an initialized provider."""
    folder = tmp_path_factory.mktemp("root")
    root = make_working_copy(folder, dist=dist, files={"test_override.tf": OVERRIDE})
    Terraform(root, environment=environment).init(checksums=False)
    return root
