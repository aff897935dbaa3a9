"""Installation of wheels into a folder."""

import hashlib
import sys
from pathlib import Path

import pytest

from tests.tools.build.conftest import MakeWheel
from tools.build.manifest import Wheel
from tools.build.wheels import LAMBDA_PLATFORM, REQUIREMENTS, list_installed_wheels, make_install_arguments
from tools.process import CommandError, run


@pytest.fixture
def wheels(tmp_path: Path, make_wheel: MakeWheel, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which uv finds wheels."""
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    for tag in (
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp313-cp313-macosx_11_0_arm64",
        "cp313-cp313-manylinux_2_28_aarch64",
        "cp313-cp313-manylinux_2_39_x86_64",
        "cp313-cp313-musllinux_1_2_x86_64",
        "cp313-cp313-win_amd64",
        "cp313-cp313-manylinux_2_17_x86_64",
        "cp313-cp313-manylinux_2_28_x86_64",
        "py3-none-any",
    ):
        files = {
            "pack/__init__.py": tag,
            "pack-1.0.post2.data/purelib/pack/pure.py": "",
            "pack-1.0.post2.data/platlib/pack/plat.so": "",
            "pack-1.0.post2.data/scripts/pack": "#!python\n",
        }
        make_wheel(tmp_path / "wheels", "pack", "1.0.post2", files, tag)
    return tmp_path / "wheels"


def install(wheels: Path, tags: str = "*") -> Path:
    """Install the best wheel among some by a lock with their hashes; return the folder of packages."""
    found = set(wheels.glob(f"*{tags}.whl"))
    for other in set(wheels.iterdir()) - found:
        other.unlink()
    hashes = [f"--hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}" for wheel in found]
    folder = wheels.parent
    (folder / REQUIREMENTS).write_text(" \\\n    ".join(["pack==1.0.post2", *hashes]), encoding="utf-8")
    arguments = make_install_arguments(sys.executable, REQUIREMENTS, "tree", LAMBDA_PLATFORM)
    run([sys.executable, *arguments], cwd=folder)
    return folder / "tree"


def test_the_wheel_for_lambda_is_installed(wheels: Path) -> None:
    tree = install(wheels)
    assert (tree / "pack" / "__init__.py").read_text() == "cp313-cp313-manylinux_2_28_x86_64"
    assert {path.name for path in (tree / "pack").iterdir()} == {"__init__.py", "pure.py", "plat.so"}
    assert list_installed_wheels(tree) == (Wheel(name="pack", version="1.0.post2"),)


@pytest.mark.parametrize("tag", ["cp313-cp313-manylinux_2_17_x86_64", "py3-none-any"])
def test_an_older_or_a_pure_wheel_will_do(wheels: Path, tag: str) -> None:
    assert (install(wheels, tag) / "pack" / "__init__.py").read_text() == tag


@pytest.mark.parametrize(
    "tag", ["manylinux_2_39_x86_64", "manylinux_2_28_aarch64", "musllinux*", "cp312*", "win*", "macosx*"]
)
def test_no_wheel_for_lambda_is_an_error(wheels: Path, tag: str) -> None:
    with pytest.raises(CommandError, match="no wheels with a matching"):
        install(wheels, tag)
