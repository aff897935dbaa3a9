"""Bytecode that every run of one CPython makes alike: a script, so that no setting of its caller takes part.

    python -I bytecode.py FOLDER

compiles the sources in a folder, which is laid out as in the zip. The sources stay beside the bytecode: a
traceback shows their lines, they are 6 % of the zip of edge_resize, and its import is no faster without them.
"""

import importlib.util
import marshal
import sys
import warnings
from pathlib import Path, PurePosixPath

_TASK_ROOT = PurePosixPath("/var/task")  # where Lambda unpacks a zip: the paths that a traceback shows
_UNCHECKED_HASH = 0b01  # PEP 552: hash-based, never checked against the source


def bytecode(source: bytes, path: str) -> bytes:
    """Compile a source to a .pyc: a function of source, path and this release of CPython.

    What marshal writes depends on reference counts, thus on what was compiled before (CPython issue 129724).
    Its format 2 knows no references. A copy made through it shares nothing but interned names, and has one
    form in the current format, which is smaller and loads faster.

    Args:
        source: the text.
        path: its path in the zip.

    Raises:
        SyntaxError: it is no Python 3.13.
    """
    code = compile(source, str(_TASK_ROOT / path), "exec", dont_inherit=True, optimize=0)
    unshared = marshal.loads(marshal.dumps(code, 2))  # noqa: S302  written in the same line
    header = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH.to_bytes(4, "little")
    return header + importlib.util.source_hash(source) + marshal.dumps(unshared)


def compile_folder(folder: Path) -> None:
    """Put bytecode beside each source, where an import looks for it."""
    for source in folder.rglob("*.py"):
        target = source.parent / "__pycache__" / f"{source.stem}.cpython-313.pyc"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(bytecode(source.read_bytes(), source.relative_to(folder).as_posix()))


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of other people's sources
    try:
        compile_folder(Path(sys.argv[1]))
    except SyntaxError as error:
        sys.exit(f"error: {error}")
