import importlib.util
import marshal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

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
    subprocess.run([sys.executable, *bytecode.OPTIONS, bytecode.__file__, folder], check=True)  # noqa: S603  our script
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


DOCUMENTED = b'''"""Docstring of the module."""

from __future__ import annotations

class Empty:
    """Docstring of the class."""

class Full:
    """Docstring of the class."""
    """A string behind the docstring."""
    TEXT = "A string of the code."

def fail(): """Docstring of the function."""; assert False

async def wait():
    """Docstring of the coroutine."""

def check(value: int) -> int:
    """Docstring of the function."""

    assert value, "nothing"
    return 1 // (value - 1)
'''


@pytest.fixture(scope="module")
def documented(tmp_path_factory: pytest.TempPathFactory) -> CodeType:
    """Code of the module DOCUMENTED, as in a zip."""
    folder = tmp_path_factory.mktemp("documented")
    (folder / "documented.py").write_bytes(DOCUMENTED)
    subprocess.run([sys.executable, *bytecode.OPTIONS, bytecode.__file__, folder], check=True)  # noqa: S603
    content = (folder / "__pycache__" / "documented.cpython-313.pyc").read_bytes()
    assert b"ocstring" not in content
    code: CodeType = marshal.loads(content[16:])  # noqa: S302  made here
    return code


def run_module(code: CodeType) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "documented"}
    exec(code, names)  # noqa: S102  made here
    return names


def find_functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant.co_qualname, constant
            yield from find_functions(constant)


def test_the_bytecode_has_no_docstrings(documented: CodeType) -> None:
    names = run_module(documented)
    assert [names[name].__doc__ for name in ("Empty", "Full", "fail", "wait", "check")] == [None] * 5
    assert names["Full"].TEXT == "A string of the code."


def test_the_bytecode_has_assertions(documented: CodeType) -> None:
    names = run_module(documented)
    with pytest.raises(AssertionError, match="nothing"):
        names["check"](0)
    with pytest.raises(AssertionError):
        names["fail"]()


def test_the_bytecode_has_the_lines_of_the_source(documented: CodeType) -> None:
    expected = dict(find_functions(compile(DOCUMENTED, "", "exec")))["check"]
    found = dict(find_functions(documented))["check"]
    assert [line for line, *_ in found.co_positions()] == [line for line, *_ in expected.co_positions()]
    with pytest.raises(ZeroDivisionError) as caught:
        run_module(documented)["check"](1)
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert DOCUMENTED.decode().splitlines()[(frame.lineno or 0) - 1] == "    return 1 // (value - 1)"
