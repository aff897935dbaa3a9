"""The modules that a cold start imports, measured in another process because pytest imports most of them."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import PIL
import pytest

from tools.paths import PACKAGES

SITE_PACKAGES = Path(PIL.__file__).parents[1]
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
}


@cache
def import_handler(function: str) -> frozenset[str]:
    """Return the modules that the import of a handler loads, without the .pth files of the environment."""
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-S", "-c", f"import sys, {function}.handler; print('\\n'.join(sys.modules))"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (*PACKAGES, SITE_PACKAGES)))},
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(result.stdout.split())


@pytest.mark.parametrize(
    ("function", "module"),
    [(function, module) for function, modules in FORBIDDEN.items() for module in modules],
)
def test_slow_modules_are_not_imported(function: str, module: str) -> None:
    loaded = import_handler(function)
    assert f"{function}.handler" in loaded
    assert module not in loaded
