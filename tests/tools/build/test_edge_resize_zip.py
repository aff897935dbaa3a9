"""The zip of edge_resize as in Lambda: unpacked, alone, and with images of every format."""

import hashlib
import importlib.util
import json
import platform
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from tools.build import FunctionZip, build
from tools.paths import SAMPLES

LINUX_X86_64 = (platform.system(), platform.machine()) == ("Linux", "x86_64")
needs_its_platform = pytest.mark.skipif(not LINUX_X86_64, reason="the zip's extensions are for Linux x86-64")
pytestmark = pytest.mark.xdist_group("edge_resize.zip")

# Wheels for manylinux_2_28 use these libraries of the system (PEP 600). Amazon Linux 2023 has them.
SYSTEM_LIBRARIES = {
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libstdc++.so.6",
    "libz.so.1",
    "ld-linux-x86-64.so.2",
    "linux-vdso.so.1",
}

TRANSFORM = """
import json, pathlib, sys
root, images = sys.argv[1:]
sys.path.insert(0, root)
import edge_resize.handler
from image_core import Box, Format, Options, transform
made = {}
for image in sorted(pathlib.Path(images).glob("*.*")):
    if image.suffix == ".md":
        continue
    for wanted in (None, *Format):
        options = Options(box=Box(width=100, height=80), output_format=wanted)
        output = transform(image.read_bytes(), options)
        made[f"{image.name} to {wanted}"] = [output.content_type, output.width, output.height]
files = [module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)]
print(json.dumps({"made": made, "files": files, "modules": list(sys.modules)}))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[FunctionZip, Path]:
    """Entry of the manifest, and path of the zip."""
    out = tmp_path_factory.mktemp("dist")
    (described,) = build(["edge_resize"], builder="host", out=out).functions
    return described, out / "edge_resize.zip"


@pytest.fixture(scope="module")
def unpacked(built: tuple[FunctionZip, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the unpacked zip, which is /var/task in Lambda."""
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(built[1]) as archive:
        archive.extractall(folder)
    return folder


class Run(NamedTuple):
    """Output of a process: content type, width and height by source and format, and its modules."""

    made: dict[str, tuple[str, int, int]]
    files: list[str]
    modules: list[str]


@pytest.fixture(scope="module")
def run_of_all_formats(unpacked: Path) -> Run:
    """Import the handler and transform every sample in a process that can import only the zip."""
    command = [sys.executable, "-I", "-S", "-B", "-c", TRANSFORM, str(unpacked), str(SAMPLES)]
    done = subprocess.run(command, check=True, capture_output=True)  # noqa: S603  our own zip
    return Run(**json.loads(done.stdout))


def test_the_manifest_describes_the_zip(built: tuple[FunctionZip, Path], unpacked: Path) -> None:
    described, path = built
    assert described.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert described.size_bytes == path.stat().st_size < 50 * 1024 * 1024
    assert described.unpacked_bytes == sum(
        file.stat().st_size for file in unpacked.rglob("*") if file.is_file()
    )
    assert [wheel.name for wheel in described.wheels] == ["cykooz_resizer", "pillow"]


@needs_its_platform
def test_every_format_is_read_and_written(run_of_all_formats: Run) -> None:
    made = run_of_all_formats.made
    assert made["cat.jpg to None"][0] == "image/jpeg"
    assert {content_type for content_type, _, _ in made.values()} == {
        f"image/{name}" for name in ("jpeg", "png", "gif", "bmp", "webp", "avif")
    }
    sources = {name.split(" ")[0].rpartition(".")[2] for name in made}
    assert sources == {"jpg", "mpo", "png", "gif", "bmp", "webp", "avif"}
    assert all(width <= 100 and height <= 100 for _, width, height in made.values())


@needs_its_platform
def test_the_import_touches_nothing_outside_the_zip(run_of_all_formats: Run, unpacked: Path) -> None:
    standard_library = Path(json.__file__).parents[1]
    outside = [
        file
        for file in run_of_all_formats.files
        if not Path(file).is_relative_to(unpacked) and not Path(file).is_relative_to(standard_library)
    ]
    assert outside == []


@needs_its_platform
def test_every_module_of_the_wheels_is_used(run_of_all_formats: Run, unpacked: Path) -> None:
    used = {Path(file) for file in run_of_all_formats.files}
    folders = [unpacked / "PIL", unpacked / "cykooz_resizer"]
    modules = {path for folder in folders for path in folder.iterdir() if path.suffix in {".py", ".so"}}
    assert sorted(path.name for path in modules - used) == []


@needs_its_platform
def test_no_transform_imports_dataclasses(run_of_all_formats: Run) -> None:
    assert {"dataclasses", "inspect"} & set(run_of_all_formats.modules) == set()


GLIBC_OF_LAMBDA = (2, 34)  # Amazon Linux 2023


def test_the_wheels_are_for_the_glibc_of_lambda(unpacked: Path) -> None:
    for info in unpacked.glob("*.dist-info/WHEEL"):
        tags = re.findall(r"^Tag: cp313-cp313-manylinux_(\d+)_(\d+)_x86_64$", info.read_text(), re.MULTILINE)
        assert min((int(major), int(minor)) for major, minor in tags) <= GLIBC_OF_LAMBDA


@needs_its_platform
def test_shared_libraries_are_complete_and_used(unpacked: Path) -> None:
    extensions = list(unpacked.rglob("*.so"))
    listing = subprocess.run(["ldd", *extensions], check=True, capture_output=True, text=True).stdout  # noqa: S603, S607  ldd is where the system has it
    assert "not found" not in listing
    needed = {Path(name).name for name in re.findall(r"^\t(\S+)", listing, re.MULTILINE)}
    bundled = {path.name for path in (unpacked / "pillow.libs").iterdir()}
    assert bundled - needed == set()
    assert needed - bundled <= SYSTEM_LIBRARIES


def test_each_source_has_bytecode_of_this_python_and_no_other(unpacked: Path) -> None:
    sources = set(unpacked.rglob("*.py"))
    compiled = set(unpacked.rglob("*.pyc"))
    assert {Path(importlib.util.cache_from_source(str(source))) for source in sources} == compiled
    assert {path.read_bytes()[:8] for path in compiled} == {importlib.util.MAGIC_NUMBER + b"\1\0\0\0"}


@needs_its_platform
def test_an_import_compiles_nothing(unpacked: Path, tmp_path: Path) -> None:
    for path in unpacked.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(unpacked)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(b"raise SystemExit(__name__)" if path.suffix == ".py" else path.read_bytes())
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import edge_resize.handler"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)  # noqa: S603  our own zip


@pytest.mark.parametrize(
    ("name", "licences"),
    [("cykooz_resizer", {"LICENSE-APACHE", "LICENSE-MIT"}), ("pillow", {"LICENSE"})],
)
def test_licences_and_metadata_of_wheels_are_kept(unpacked: Path, name: str, licences: set[str]) -> None:
    (info,) = unpacked.glob(f"{name}-*.dist-info")
    assert f"Name: {name.replace('_', '-')}" in (info / "METADATA").read_text(encoding="utf-8")
    assert {path.name for path in (info / "licenses").iterdir()} == licences
    assert not (info / "RECORD").exists()
