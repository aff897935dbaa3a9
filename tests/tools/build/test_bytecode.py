import importlib.util
import marshal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.build import bytecode

# Constants that marshal writes in two ways, by what was compiled before (CPython issue 129724).
TOUCHY = "a = {'foo', 2, 3}\n\n\ndef f(_m):\n    b = {'foo', 2, 3}\n    return a, b, 1.5, (1.5, 'x y'), _m\n"


def compiled(folder: Path, *names: str) -> bytes:
    """The bytecode of `touchy.py`, compiled in one process with files of the other names."""
    folder.mkdir()
    for name in names:
        (folder / f"{name}.py").write_text("import foo, touchy\n_m = 'x y'\nc = {'foo', 2, 3}\n")
    (folder / "touchy.py").write_text(TOUCHY)
    subprocess.run([sys.executable, "-I", bytecode.__file__, folder], check=True)  # noqa: S603  our script
    return (folder / "__pycache__" / "touchy.cpython-313.pyc").read_bytes()


def test_what_else_is_compiled_changes_nothing(tmp_path: Path) -> None:
    alone = compiled(tmp_path / "alone")
    others = compiled(tmp_path / "others", "a", "b", "y", "z")
    assert alone == others


def test_it_is_never_checked_against_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "unchecked_module.py").write_text("VALUE = 1\n")
    bytecode.compile_folder(tmp_path)
    (tmp_path / "unchecked_module.py").write_text("VALUE = 2\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert importlib.import_module("unchecked_module").VALUE == 1


def test_code_names_the_path_that_lambda_has() -> None:
    code = marshal.loads(bytecode.bytecode(b"x = 1\n", "package/module.py")[16:])  # noqa: S302  made here
    assert code.co_filename == "/var/task/package/module.py"
