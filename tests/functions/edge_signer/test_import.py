"""The modules that a cold start imports, measured in another process because pytest imports most of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
LIBRARIES = ("edge_event", "lambda_runtime", "sigv4")
FOLDERS = [PROJECT / "functions" / "edge_signer", *(PROJECT / "libs" / name for name in LIBRARIES)]


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that `import edge_signer.handler` loads."""
    code = "import sys, edge_signer.handler; print('\\n'.join(sys.modules))"
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, FOLDERS))},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "PIL",
        "boto3",
        "botocore",
        "urllib3",
        "http",
        "ssl",
        "socket",
        "email",
        "asyncio",
        "pickle",  # logging is not on the list: the runtime of Lambda imports it before the function
        "dataclasses",
        "inspect",
    ],
)
def test_slow_modules_are_not_imported(loaded: set[str], module: str) -> None:
    assert "edge_signer.handler" in loaded
    assert module not in loaded
