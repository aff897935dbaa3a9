import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.terraform import Terraform, isolate_environment, make_working_copy


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a placeholder for each zip. Terraform reads only the bytes of a zip."""
    dist = tmp_path_factory.mktemp("dist")
    for function in ("edge_resize", "edge_signer", "object_lambda", "purge", "regional_resize", "s3_trigger"):
        with zipfile.ZipFile(dist / f"{function}.zip", "w") as archive:
            archive.writestr(f"{function}/handler.py", "def lambda_handler(event, context): ...\n")
    return dist


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Terraform finds no settings of the user."""
    return isolate_environment(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def attached(
    tmp_path_factory: pytest.TempPathFactory, dist: Path, environment: dict[str, str]
) -> Iterator[dict[str, str]]:
    """The environment, with an AWS provider that runs already: Terraform would start several for each test.

    For validation, mocked resources and equal configurations of the provider: all share the process.
    """
    root = make_working_copy(tmp_path_factory.mktemp("provider"), dist=dist)
    Terraform(root, environment=environment).init()
    [program] = root.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*")
    # https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
    with subprocess.Popen(  # noqa: S603  # the provider that Terraform installed
        [program, "-debug"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout
        lines = (re.search("TF_REATTACH_PROVIDERS='(.+)'", line) for line in process.stdout)
        address = next(found[1] for found in lines if found)
        yield {**environment, "TF_REATTACH_PROVIDERS": address}
        process.terminate()


@pytest.fixture
def configuration(tmp_path: Path, dist: Path) -> Path:
    """A copy of the root module in the temporary folder of the test."""
    return make_working_copy(tmp_path, dist=dist)
