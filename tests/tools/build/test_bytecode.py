import importlib.util
import marshal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.build import bytecode

# marshal writes these constants in two ways, depending on the files compiled before (CPython issue 129724).
TOUCHY = "a = {'foo', 2, 3}\n\n\ndef f(_m):\n    b = {'foo', 2, 3}\n    return a, b, 1.5, (1.5, 'x y'), _m\n"


def compile_with(folder: Path, *names: str) -> bytes:
    """Return the bytecode of `touchy.py`, compiled in one process with files of the other names."""
    folder.mkdir()
    for name in names:
        (folder / f"{name}.py").write_text("import foo, touchy\n_m = 'x y'\nc = {'foo', 2, 3}\n")
    (folder / "touchy.py").write_text(TOUCHY)
    subprocess.run([sys.executable, "-I", bytecode.__file__, folder], check=True)  # noqa: S603  our script
    return (folder / "__pycache__" / "touchy.cpython-313.pyc").read_bytes()


def test_other_files_do_not_change_the_bytecode(tmp_path: Path) -> None:
    alone = compile_with(tmp_path / "alone")
    others = compile_with(tmp_path / "others", "a", "b", "y", "z")
    assert alone == others


def test_the_bytecode_is_never_checked_against_the_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "unchecked_module.py").write_text("VALUE = 1\n")
    bytecode.compile_folder(tmp_path)
    (tmp_path / "unchecked_module.py").write_text("VALUE = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.import_module("unchecked_module").VALUE == 1


def test_the_code_has_the_path_in_lambda() -> None:
    code = marshal.loads(bytecode.compile_source(b"x = 1\n", "package/module.py")[16:])  # noqa: S302  made here
    assert code.co_filename == "/var/task/package/module.py"
