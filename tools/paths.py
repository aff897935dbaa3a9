"""Folders of the project."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DIST = PROJECT / "dist"
"""The zips of the functions and their manifest."""
FUNCTIONS = PROJECT / "functions"
LIBS = PROJECT / "libs"
TERRAFORM = PROJECT / "terraform"
"""The root module."""
SAMPLES = PROJECT / "tests" / "images"
"""Sample images, which are also the default images of the local stack."""
STATE = PROJECT / ".local"
"""State folder of the stack of `invoke up`."""
PACKAGES = tuple(
    path.parent
    for part in ("functions", "libs")
    for path in sorted((PROJECT / part).glob("*/pyproject.toml"))
)
"""Folders of the functions and the libraries, which go on `sys.path`: each has one package."""
