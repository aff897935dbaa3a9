"""The modules that a cold start imports from the zip, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.libs.lambda_runtime.processes import needs_proc

pytestmark = [pytest.mark.xdist_group("functions under the runtime"), needs_proc]

# dataclasses, with inspect, takes 7 ms, and 0.7 ms for each class; a NamedTuple takes 0.1 ms.
SLOW = ("asyncio", "boto3", "botocore", "concurrent.futures", "dataclasses", "inspect", "requests", "urllib3")
FORBIDDEN = {
    "edge_resize": (
        *SLOW,
        "multiprocessing",
        "urllib.request",
        "PIL.Image",  # imported while waiting for S3
    ),
    # logging is not on the list: the runtime of Lambda imports it before the function.
    "edge_signer": (*SLOW, "PIL", "email", "http", "pickle", "socket", "ssl"),
    "object_lambda": (*SLOW, "urllib.request"),
    "purge": (*SLOW, "PIL", "multiprocessing", "urllib.request", "xml"),
    "regional_resize": (*SLOW, "multiprocessing", "urllib.request", "PIL.Image"),
}


@pytest.fixture(scope="module", params=FORBIDDEN)
def function(request: pytest.FixtureRequest) -> str:
    """Name of a function."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def loaded(function: str, zips: Path) -> set[str]:
    """The modules that the import of the handler loads from the zip and the standard library."""
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-S", "-c", f"import sys, {function}.handler; print(*sys.modules)"],
        env=os.environ | {"PYTHONPATH": str(zips / function)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


def test_slow_modules_are_not_imported(function: str, loaded: set[str]) -> None:
    assert f"{function}.handler" in loaded
    assert loaded.isdisjoint(FORBIDDEN[function])
