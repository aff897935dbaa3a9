"""Runs inside the builder, in the folder of one build: locked wheels in, importable files with bytecode out.

A script of its own, because a build image has CPython 3.13 and pip and nothing else. It reads
`requirements.txt`, unpacks the wheels into `tree/` beside what lies there, compiles all of it, and writes
`wheels.json`.
"""

import hashlib
import importlib.util
import json
import marshal
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

PYTHON = (3, 13)
TASK_ROOT = PurePosixPath("/var/task")  # where Lambda unpacks a zip: the paths that a traceback shows
NEWEST_GLIBC, OLDEST_GLIBC = 28, 5
# pip takes a platform literally: to it, manylinux_2_28 does not admit what was built for an older glibc.
PLATFORMS = [
    *(f"manylinux_2_{minor}_x86_64" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)),
    "manylinux2014_x86_64",
]
UNCHECKED_HASH = 0b01  # PEP 552: hash-based, never checked against the source


def main() -> None:
    """Do all of it, or end with one sentence."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] != PYTHON:
        sys.exit(f"error: the build needs CPython 3.13, and this is {sys.implementation.name} {sys.version}")
    tree = Path("tree")
    wheels = download(Path("requirements.txt"), Path("wheels"))
    for wheel in wheels:
        unpack(wheel, tree)
    for source in sorted(tree.rglob("*.py")):
        compile_source(source, tree)
    hashes = {wheel.name: hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}
    Path("wheels.json").write_text(json.dumps(hashes), encoding="utf-8")


def download(requirements: Path, folder: Path) -> list[Path]:
    """Fetch the locked wheels for Lambda, whatever system this is; pip checks their hashes."""
    if not requirements.read_text(encoding="utf-8").strip():
        return []
    command = [
        sys.executable,
        "-I",
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]
    what = ["--requirement", str(requirements), "--require-hashes", "--no-deps", "--dest", str(folder)]
    for_lambda = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.13"]
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    if subprocess.run([*command, *what, *for_lambda, *platforms], check=False).returncode:  # noqa: S603  fixed words
        sys.exit(1)
    return sorted(folder.iterdir())


def unpack(wheel: Path, tree: Path) -> None:
    """Lay out a wheel as an installation would, without scripts, headers and data files."""
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = installed_path(PurePosixPath(entry.filename))
            if entry.is_dir() or path is None:
                continue
            target = tree / path
            if target.exists() or ".." in path.parts or path.is_absolute():
                sys.exit(f"error: {wheel.name} holds {path}, which is there already or outside of the zip")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(entry))


def installed_path(path: PurePosixPath) -> PurePosixPath | None:
    """Tell where a wheel's file belongs, by the wheel format's rule for `*.data` folders."""
    if not path.parts[0].endswith(".data"):
        return path
    return PurePosixPath(*path.parts[2:]) if path.parts[1] in {"purelib", "platlib"} else None


def compile_source(source: Path, tree: Path) -> None:
    """Write the bytecode of a source as an unchecked hash-based .pyc: a function of path and content alone.

    What marshal writes depends on reference counts, thus on what was compiled before (CPython issue 129724).
    Its format 2 knows no references. A copy made through it shares nothing but interned names, and gives the
    same bytes every time in the current format, which is smaller and loads faster.
    """
    text = source.read_bytes()
    path = TASK_ROOT / source.relative_to(tree).as_posix()
    try:
        code = compile(text, str(path), "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError) as error:
        sys.exit(f"error: {source.relative_to(tree)} cannot be compiled: {error}")
    header = (
        importlib.util.MAGIC_NUMBER + UNCHECKED_HASH.to_bytes(4, "little") + importlib.util.source_hash(text)
    )
    target = Path(importlib.util.cache_from_source(str(source), optimization=""))
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(header + marshal.dumps(marshal.loads(marshal.dumps(code, 2))))  # noqa: S302  made here


if __name__ == "__main__":
    main()
