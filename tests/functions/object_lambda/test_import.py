"""Modules that a cold start imports, in a new process: this one has imported everything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
FOLDERS = [
    PROJECT / "functions" / "object_lambda",
    *(path for path in (PROJECT / "libs").iterdir() if path.is_dir()),
]


@pytest.fixture(scope="module")
def imported_modules() -> set[str]:
    """The modules that `import object_lambda.handler` imports."""
    code = "import sys, object_lambda.handler; print('\\n'.join(sys.modules))"
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, FOLDERS))},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module", ["boto3", "botocore", "urllib3", "requests", "asyncio", "concurrent.futures", "urllib.request"]
)
def test_slow_modules_are_not_imported(imported_modules: set[str], module: str) -> None:
    assert "object_lambda.handler" in imported_modules
    assert module not in imported_modules
