"""The locks: which files of which versions go into each zip and into the environment of the tools."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tools.build.project import find_functions
from tools.build.wheels import LAMBDA_PLATFORM
from tools.console import ToolError, step
from tools.process import CommandError, run

_LAMBDA = ("--python-platform", LAMBDA_PLATFORM)
# The tools run on every developer's system: one lock with markers, whoever makes it.
_DEVELOPERS = ("--universal",)


def lock(project: Path) -> list[Path]:
    """Write the locks of a project: hashes, and neither an index nor anything of this machine.

    A version that a lock names already stays while it fits the project files; delete the lock for the newest.

    Returns:
        The locks, in the order in which they were made.

    Raises:
        ToolError: uv is missing, or finds no set of versions that fits.
    """
    made = []
    for target, arguments in _locks(project):
        with step(f"lock {target}"):
            _compile(project, target, arguments)
        made.append(project / target)
    return made


def _locks(project: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
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
    form = ["--generate-hashes", "--python-version", "3.13", "--no-header", "--no-annotate"]
    try:
        run([*command, *form, *arguments, "--output-file", target], cwd=project)
    except CommandError as error:
        raise ToolError(f"{target} could not be made: {error.words}") from error
