import zipfile
from pathlib import Path

import pytest

from tools.terraform import isolate_environment, make_working_copy


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a placeholder for each zip. Terraform reads only the bytes of a zip."""
    dist = tmp_path_factory.mktemp("dist")
    for function in ("edge_resize", "edge_signer", "object_lambda", "s3_trigger"):
        with zipfile.ZipFile(dist / f"{function}.zip", "w") as archive:
            archive.writestr(f"{function}/handler.py", "def lambda_handler(event, context): ...\n")
    return dist


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Terraform finds no settings of the user."""
    return isolate_environment(tmp_path_factory.mktemp("home"))


@pytest.fixture
def configuration(tmp_path: Path, dist: Path) -> Path:
    """A copy of the root module in the temporary folder of the test."""
    return make_working_copy(tmp_path, dist=dist)
