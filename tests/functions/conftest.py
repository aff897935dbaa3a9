"""The zips of all functions, and children that have time for their error."""

import zipfile
from pathlib import Path

import pytest

from tools.build import build


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one subfolder per function, the unpacked zip. Tests that need it share a xdist group."""
    folder = tmp_path_factory.mktemp("functions")
    build(builder="host", out=folder)
    for path in folder.glob("*.zip"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder / path.stem)
    return folder


@pytest.fixture
def patient_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parent that waits for the error of a child whose deadline has passed.

    On a busy machine the child would be killed before, and the error would be another one.
    """
    monkeypatch.setattr("lambda_runtime.child._GRACE_SECONDS", 30)
