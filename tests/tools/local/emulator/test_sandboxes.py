"""Running invocations of a function that is changed, or of which another sandbox cannot start."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from tools.local.emulator.process import Emulator

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

pytestmark = pytest.mark.xdist_group("emulator")

# Runs until a file exists. A sandbox cannot start while another file exists.
HANDLER = """
import os, pathlib, time

if pathlib.Path(os.environ["BROKEN"]).exists():
    raise RuntimeError("broken")

def lambda_handler(event, context):
    pathlib.Path(event["began"]).touch()
    while not pathlib.Path(event["end"]).exists():
        time.sleep(0.02)
    return os.environ["COLOUR"]
"""


@pytest.fixture(scope="module")
def functions(emulator: Emulator) -> "LambdaClient":
    roles = emulator.session().client("iam", endpoint_url=emulator.url)
    roles.create_role(
        RoleName="painter", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    return emulator.session().client(
        "lambda", endpoint_url=emulator.url, config=Config(retries={"total_max_attempts": 1})
    )


@pytest.fixture(autouse=True)
def painter(functions: "LambdaClient", tmp_path: Path) -> Iterator[None]:
    """Create a function `painter` that returns a setting."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("painter.py", HANDLER)
    functions.create_function(
        FunctionName="painter",
        Runtime="python3.13",
        Role="arn:aws:iam::000000000000:role/painter",
        Handler="painter.lambda_handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": variables(tmp_path, "red")},
        Timeout=60,
    )
    yield
    functions.delete_function(FunctionName="painter")


def variables(folder: Path, colour: str) -> dict[str, str]:
    return {"COLOUR": colour, "BROKEN": str(folder / "broken")}


def invoke(functions: "LambdaClient", folder: Path, name: str) -> Any:
    event = {"began": str(folder / f"{name}-began"), "end": str(folder / f"{name}-end")}
    return json.load(functions.invoke(FunctionName="painter", Payload=json.dumps(event))["Payload"])


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_change_does_not_end_running_invocations(functions: "LambdaClient", tmp_path: Path) -> None:
    with ThreadPoolExecutor() as executor:
        running = executor.submit(invoke, functions, tmp_path, "first")
        wait_for(tmp_path / "first-began")
        functions.update_function_configuration(
            FunctionName="painter", Environment={"Variables": variables(tmp_path, "green")}
        )
        (tmp_path / "second-end").touch()
        assert invoke(functions, tmp_path, "second") == "green"
        (tmp_path / "first-end").touch()
        assert running.result() == "red"
        assert invoke(functions, tmp_path, "first") == "green"


def test_a_sandbox_that_cannot_start_does_not_end_others(functions: "LambdaClient", tmp_path: Path) -> None:
    with ThreadPoolExecutor() as executor:
        running = executor.submit(invoke, functions, tmp_path, "first")
        wait_for(tmp_path / "first-began")
        (tmp_path / "broken").touch()
        assert "broken" in invoke(functions, tmp_path, "second")["errorMessage"]
        (tmp_path / "first-end").touch()
        assert running.result() == "red"
