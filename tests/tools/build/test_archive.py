import hashlib
import io
import random
import zipfile

import pytest

from tools.build.archive import pack

FILES = {
    "package/module.py": b"print('hello')\n" * 100,
    "package/empty.py": b"",
    "package/noise.bin": random.Random(1).randbytes(5_000),  # noqa: S311  noise, not a secret
    "package/extension.cpython-313-x86_64-linux-gnu.so": b"\x7fELF" * 50,
    "package.libs/libfoo-1234.so.6.0.0": b"\x7fELF" * 50,
    "package/some.sort/text": b"not a library",
    "caf\u00e9.txt": b"accents",
}


def test_round_trip() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_names_are_sorted_and_times_fixed() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        assert archive.namelist() == sorted(FILES)
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("path", "mode"),
    [
        ("package/module.py", "-rw-r--r--"),
        ("package/some.sort/text", "-rw-r--r--"),
        ("package/extension.cpython-313-x86_64-linux-gnu.so", "-rwxr-xr-x"),
        ("package.libs/libfoo-1234.so.6.0.0", "-rwxr-xr-x"),
    ],
)
def test_modes_are_those_of_the_kind_of_file(path: str, mode: str) -> None:
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        assert f" filemode='{mode}'" in repr(archive.getinfo(path))


def test_incompressible_files_are_stored() -> None:
    with zipfile.ZipFile(io.BytesIO(pack(FILES))) as archive:
        methods = {entry.filename: entry.compress_type for entry in archive.infolist()}
    assert methods["package/module.py"] == zipfile.ZIP_DEFLATED
    assert methods["package/noise.bin"] == methods["package/empty.py"] == zipfile.ZIP_STORED


def test_the_order_of_the_files_does_not_matter() -> None:
    assert pack(FILES) == pack(dict(reversed(FILES.items())))


def test_the_bytes_are_the_same_on_every_machine() -> None:
    """Fail if a new version of the compressor would change every zip."""
    text = "".join(f"{number * number}\n" for number in range(20_000)).encode()
    digest = hashlib.sha256(pack({"squares.txt": text})).hexdigest()
    assert digest == "286a4dcdc8fa82d7b5542d325fa3e2233e30a6c5a0f55a2663417c6f5fe018a8"


def test_an_empty_zip_is_valid() -> None:
    with zipfile.ZipFile(io.BytesIO(pack({}))) as archive:
        assert archive.namelist() == []
