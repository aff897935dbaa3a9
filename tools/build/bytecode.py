"""Script that compiles the sources in a folder, laid out as in the zip, to reproducible bytecode.

    python -I -X no_debug_ranges bytecode.py FOLDER

A process of its own keeps settings of the caller, such as -O, out of the bytecode. The sources stay beside
the bytecode for tracebacks. They are 5 % of the zip of edge_resize, and the import is no faster without
them.

The bytecode has no docstrings, which no function reads, and no columns, so that a traceback shows the line
of an error but does not underline the expression. The zip of edge_resize is 1 % smaller without docstrings,
and 2 % without columns. Assertions stay, so the optimization level 2 of Python is no way to drop docstrings.
"""

import ast
import importlib.util
import marshal
import sys
import warnings
from pathlib import Path, PurePosixPath

OPTIONS = ("-I", "-X", "no_debug_ranges")
"""Options of Python for this script."""

_TASK_ROOT = PurePosixPath("/var/task")  # Lambda unpacks zips here; tracebacks show the path
_UNCHECKED_HASH = 0b01  # PEP 552: hash-based, never checked against the source


def compile_source(source: bytes, path: str) -> bytes:
    """Compile a source to the content of a .pyc file, which depends on source, path and this CPython alone.

    The output of marshal depends on reference counts, and so on the files compiled before (CPython issue
    129724). Format 2 of marshal has no references. A copy made through format 2 shares nothing but interned
    names, so that the copy has a single form in the current format, which is smaller and loads faster.

    Args:
        source: text of the source.
        path: path of the source in the zip.

    Raises:
        SyntaxError: the source is not valid for Python 3.13.
    """
    file = str(_TASK_ROOT / path)
    code = compile(_remove_docstrings(ast.parse(source, file)), file, "exec", dont_inherit=True, optimize=0)
    unshared = marshal.loads(marshal.dumps(code, 2))  # noqa: S302  dumped in the same line
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little")
    return header + importlib.util.source_hash(source) + marshal.dumps(unshared)


def _remove_docstrings(tree: ast.Module) -> ast.Module:
    """Remove the docstrings of a module and of all its classes and functions."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            # All strings go, since the string behind a docstring would become the docstring.
            statements = [statement for statement in node.body if not _is_string(statement)]
            node.body[:] = statements or [ast.copy_location(ast.Pass(), node.body[0])]
    return tree


def _is_string(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
    return False


def compile_folder(folder: Path) -> None:
    """Write the bytecode of each source to `__pycache__`, where an import finds it."""
    for source in folder.rglob("*.py"):
        target = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(compile_source(source.read_bytes(), source.relative_to(folder).as_posix()))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # the sources of dependencies have some
    try:
        compile_folder(Path(sys.argv[1]))
    except SyntaxError as error:
        sys.exit(f"error: {error}")
