"""Assembly of zips from sources, locks and wheels."""

import hashlib
import platform
import shutil
import sys
import tempfile
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tools.build import bytecode
from tools.build.archive import pack
from tools.build.builders import DEFAULT_IMAGE, Builder, choose, require_builder
from tools.build.elf import remove_debug_data
from tools.build.inputs import digest_inputs
from tools.build.manifest import FunctionZip, Manifest
from tools.build.project import Function, find_functions, list_names
from tools.build.trim import EMPTIED, find_pillow_modules, is_kept
from tools.build.wheels import REQUIREMENTS, TREE, list_installed_wheels
from tools.console import ToolError, step
from tools.paths import PROJECT, lock_folder
from tools.process import CommandError, run

# Quotas of Lambda and Lambda@Edge for a deployment package that is uploaded directly: zipped, and unzipped.
MAX_ZIP_BYTES = 50 * 1024 * 1024
MAX_UNPACKED_BYTES = 250 * 1024 * 1024

_WORK_PREFIX = ".build-"


def build(
    function_names: Sequence[str] | None = None,
    *,
    builder: str = "auto",
    image: str = DEFAULT_IMAGE,
    project: Path = PROJECT,
    out: Path | None = None,
) -> Manifest:
    """Build the zips of functions and write the manifest beside them.

    A zip whose inputs are those in the manifest stays as it is. The others are replaced after all of them
    were built, and the zips of functions that the project no longer has are deleted. A build that fails
    leaves the previous zips in place. The folders of builds that were killed are deleted.

    Args:
        function_names: functions to build; None: all.
        builder: "docker", "host", or "auto": Docker if an engine responds.
        image: build image for Docker, which has CPython 3.13.
        project: root of the project.
        out: folder of the zips; None: `dist` of the project.

    Returns:
        The manifest of all zips in the folder.

    Raises:
        ToolError: a function or builder is unknown, a lock is missing, a source or a wheel cannot be used, or
            a zip is too large.
    """
    out = out or project / "dist"
    functions = find_functions(project, function_names)
    _check_python()
    require_builder(builder)
    existing = list_names(project)
    manifest = Manifest.read(out / "manifest.json")
    _delete_leftovers(out)
    stale = [function for function in functions if not _is_current(function, manifest, out)]
    if current := [function.name for function in functions if function not in stale]:
        print(f"unchanged: {', '.join(current)}", flush=True)
    if not stale and manifest.names <= existing:
        return manifest
    out.mkdir(parents=True, exist_ok=True)
    with _open_work_folder(out) as folder:
        built = _make_zips(stale, choose(builder, image), folder) if stale else ()
        return _publish(built, existing, folder, out)


def _check_python() -> None:
    if sys.implementation.cache_tag != "cpython-313":
        raise ToolError(
            f"Bytecode is for CPython 3.13, and this is {sys.version.split()[0]}; run: ./invokew build"
        )


def _is_current(function: Function, manifest: Manifest, out: Path) -> bool:
    path = out / f"{function.name}.zip"
    recorded = [zip_ for zip_ in manifest.functions if zip_.name == function.name]
    if not recorded or not path.is_file() or recorded[0].inputs_sha256 != digest_inputs(function):
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == recorded[0].sha256


def _make_zips(functions: Sequence[Function], builder: Builder, folder: Path) -> tuple[FunctionZip, ...]:
    print(f"builder: {builder}", flush=True)
    built = []
    for function in functions:
        with step(f"build {function.name}"):
            built.append(_make_zip(function, builder, folder))
    return tuple(built)


def _make_zip(function: Function, builder: Builder, folder: Path) -> FunctionZip:
    # Before the build, so that a source that changes meanwhile is built again.
    inputs_sha256 = digest_inputs(function)
    work = folder / function.name
    tree = work / TREE
    tree.mkdir(parents=True)
    _install_wheels(function, builder, work)
    wheels = list_installed_wheels(tree)
    sources = dict(function.read_sources())
    _add_sources(function.name, sources, tree)
    try:
        _trim(tree, find_pillow_modules(sources))
    except SyntaxError as error:
        raise ToolError(f"A source cannot be compiled: {error}") from error
    files = _compile(tree)
    content = pack(files)
    unpacked_bytes = sum(len(file) for file in files.values())
    _check_limits(function.name, len(content), unpacked_bytes)
    (folder / f"{function.name}.zip").write_bytes(content)
    return FunctionZip(
        inputs_sha256=inputs_sha256,
        name=function.name,
        python=platform.python_version(),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        unpacked_bytes=unpacked_bytes,
        wheels=wheels,
    )


def _install_wheels(function: Function, builder: Builder, work: Path) -> None:
    lock = function.folder / REQUIREMENTS
    if not lock.is_file():
        raise ToolError(f"{function.name} has no {REQUIREMENTS}; run: ./invokew lock")
    if lock.read_text(encoding="utf-8").strip():  # a function without dependencies needs no builder
        shutil.copyfile(lock, work / REQUIREMENTS)
        builder.install(work)


def _add_sources(name: str, sources: Mapping[str, bytes], tree: Path) -> None:
    for path, content in sources.items():
        target = tree / path
        if target.exists():
            raise ToolError(f"{name} has two files for {path}; rename or drop one of the packages.")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _trim(tree: Path, imported: Container[str]) -> None:
    for path in [path for path in tree.rglob("*") if path.is_file()]:
        if not is_kept(path.relative_to(tree).as_posix(), imported):
            path.unlink()
        elif ".so" in path.name:
            path.write_bytes(remove_debug_data(path.read_bytes()))
    for name in EMPTIED:
        if (tree / name).is_file():
            (tree / name).write_bytes(b"")


def _compile(tree: Path) -> dict[str, bytes]:
    try:
        run([sys.executable, *bytecode.OPTIONS, bytecode.__file__, tree])
    except CommandError as error:
        raise ToolError(f"A source cannot be compiled: {error.words}") from error
    return {
        path.relative_to(tree).as_posix(): path.read_bytes() for path in tree.rglob("*") if path.is_file()
    }


def _check_limits(name: str, size_bytes: int, unpacked_bytes: int) -> None:
    for subject, size, limit in (
        ("The zip", size_bytes, MAX_ZIP_BYTES),
        ("The content of the zip", unpacked_bytes, MAX_UNPACKED_BYTES),
    ):
        if size > limit:
            raise ToolError(
                f"{subject} of {name} has {size:,} bytes and Lambda takes {limit:,}: drop dependencies from "
                f"functions/{name}/pyproject.toml, or files in tools/build/trim.py."
            )


def _publish(built: tuple[FunctionZip, ...], existing: set[str], folder: Path, out: Path) -> Manifest:
    with lock_folder(out):
        for zip_ in built:
            (folder / f"{zip_.name}.zip").replace(out / f"{zip_.name}.zip")
        before = Manifest.read(out / "manifest.json")
        manifest = before.update(built, existing)
        (folder / "manifest.json").write_text(manifest.to_json(), encoding="utf-8")
        (folder / "manifest.json").replace(out / "manifest.json")
        for name in before.names - existing:
            (out / f"{name}.zip").unlink(missing_ok=True)
    return manifest


def _delete_leftovers(out: Path) -> None:
    """Delete the work folders of builds that have ended: the kernel has released their locks."""
    for folder in out.glob(f"{_WORK_PREFIX}*"):
        with lock_folder(out), suppress(FileNotFoundError, BlockingIOError), lock_folder(folder, wait=False):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _open_work_folder(out: Path) -> Iterator[Path]:
    """Create the work folder of a build, which is locked as long as the process runs, and delete it."""
    with ExitStack() as parts:
        # No other build deletes the folder before it is locked.
        with lock_folder(out):
            name = parts.enter_context(tempfile.TemporaryDirectory(prefix=_WORK_PREFIX, dir=out))
            folder = Path(name).resolve()
            parts.enter_context(lock_folder(folder))
        yield folder
