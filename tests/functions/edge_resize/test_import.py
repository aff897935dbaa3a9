"""The modules that a cold start imports, measured in another process because pytest imports most of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
FOLDERS = [
    PROJECT / "functions" / "edge_resize",
    *(path for path in (PROJECT / "libs").iterdir() if path.is_dir()),
]


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that `import edge_resize.handler` loads."""
    code = "import sys, edge_resize.handler; print('\\n'.join(sys.modules))"
    python_path = os.pathsep.join(map(str, FOLDERS))
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "boto3",
        "botocore",
        "urllib3",
        "requests",
        "asyncio",
        "concurrent.futures",
        "multiprocessing",
        "urllib.request",
        "dataclasses",  # with inspect 7 ms, and 0.7 ms for each class; a NamedTuple takes 0.1 ms
        "inspect",
        "PIL.Image",  # imported while waiting for S3
    ],
)
def test_slow_modules_are_not_imported(loaded: set[str], module: str) -> None:
    assert "edge_resize.handler" in loaded
    assert module not in loaded
