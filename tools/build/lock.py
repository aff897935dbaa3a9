"""Locks: versions and hashes of the dependencies of each function and of each environment."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.build.project import find_functions
from tools.build.wheels import LAMBDA_PLATFORM
from tools.console import ToolError, step
from tools.process import CommandError, run

_LAMBDA = ("--python-platform", LAMBDA_PLATFORM)
# The tools run on all systems of developers, so their locks have environment markers.
_DEVELOPERS = ("--universal",)


def lock(project: Path) -> list[Path]:
    """Write the locks of a project. A lock has hashes, but no index and no path of this machine.

    A locked version stays as long as the project files allow that version. Delete a lock to get the newest
    versions.

    Returns:
        The written locks, in the order of writing.

    Raises:
        ToolError: no set of versions satisfies the project files, or the index could not be reached.
    """
    written = []
    for target, arguments in _list_locks(project):
        with step(f"lock {target}"):
            _compile(project, target, arguments)
        written.append(project / target)
    return written


def _list_locks(project: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for function in find_functions(project):
        folder = f"functions/{function.name}"
        local = [f"--no-emit-package={name}" for name in function.libraries]
        yield f"{folder}/requirements.txt", (f"{folder}/pyproject.toml", *_LAMBDA, *local)
    for group in tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["dependency-groups"]:
        yield f"requirements-{group}.txt", ("--group", f"pyproject.toml:{group}", *_DEVELOPERS)
    for source in sorted(project.glob("requirements-*.in")):
        yield f"{source.stem}.txt", (source.name, *_DEVELOPERS)


def _compile(project: Path, target: str, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--python", sys.executable]
    options = ["--generate-hashes", "--python-version", "3.13", "--no-header", "--no-annotate"]
    try:
        run([*command, *options, *arguments, "--output-file", target], cwd=project)
    except CommandError as error:
        raise ToolError(f"{target} could not be resolved: {error.words}") from error
