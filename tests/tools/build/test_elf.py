"""Shared libraries without debugging data, loaded by this Python."""

import platform
import subprocess
import sys
import zlib
from importlib.metadata import files
from pathlib import Path

import PIL._imaging
import pytest

from tools.build.elf import remove_debug_data

ORIGINAL = Path(PIL._imaging.__file__)  # noqa: SLF001  the wheel's extension with debugging data
needs_elf = pytest.mark.skipif(
    (platform.system(), platform.machine()) != ("Linux", "x86_64"), reason="the extension is no ELF file"
)

COMPARE = """
import pathlib, sys
from PIL import Image
image = Image.linear_gradient("L").resize((40, 30), Image.Resampling.LANCZOS)
print(pathlib.Path(Image.core.__file__).read_bytes().count(b"debug_info"), image.tobytes().hex())
"""


@needs_elf
def test_an_extension_works_without_debugging_data(tmp_path: Path) -> None:
    for file in files("pillow") or ():
        if file.suffix == ".py" or ".so" in file.name:
            target = tmp_path / file
            target.parent.mkdir(parents=True, exist_ok=True)
            content = file.read_binary()
            target.write_bytes(remove_debug_data(content) if ".so" in file.name else content)

    def run(*path: Path) -> list[str]:
        code = f"import sys; sys.path[:0] = {[*map(str, path)]}\n{COMPARE}"
        command = [sys.executable, "-I", "-c", code]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603  our code

    debug, pixels = run(ORIGINAL.parents[1])
    assert run(tmp_path) == ["0", pixels]
    assert int(debug) > 0


@needs_elf
def test_an_extension_without_debugging_data_has_less_than_half_of_the_bytes_compressed() -> None:
    content = ORIGINAL.read_bytes()
    stripped = remove_debug_data(content)
    assert len(stripped) == len(content)
    assert len(zlib.compress(stripped)) < len(zlib.compress(content)) / 2
    assert remove_debug_data(stripped) == stripped


@pytest.mark.parametrize("content", [b"", b"text", b"\x7fELF\1\1 for 32 bits", b"\x7fELF\2\2 big-endian"])
def test_other_files_are_unchanged(content: bytes) -> None:
    assert remove_debug_data(content) == content
