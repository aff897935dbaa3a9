"""Parts of a function: its own package, and the local libraries that its pyproject.toml names."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.console import ToolError


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of the project.

    Attributes:
        name: name of the package, of the folder and of the zip.
        folder: folder of pyproject.toml and requirements.txt.
        libraries: folders of the local libraries, direct and indirect, by project name, sorted.
    """

    name: str
    folder: Path
    libraries: Mapping[str, Path]

    @property
    def packages(self) -> tuple[Path, ...]:
        """Folders of the packages. Each project has one package, with the name of the project's folder."""
        return tuple(folder / folder.name for folder in (self.folder, *self.libraries.values()))

    def read_sources(self) -> Iterator[tuple[str, bytes]]:
        """Yield path in the zip and content of each file of the function and its libraries."""
        for package in self.packages:
            for path in package.rglob("*"):
                if path.is_file() and not any(_is_ignored(part) for part in path.relative_to(package).parts):
                    yield path.relative_to(package.parent).as_posix(), path.read_bytes()


def list_names(project: Path) -> set[str]:
    """Return the names of all functions of a project, also of those that cannot be built."""
    return {file.parent.name for file in (project / "functions").glob("*/pyproject.toml")}


def find_functions(project: Path, names: Sequence[str] | None = None) -> list[Function]:
    """Find the functions of a project by their pyproject.toml, sorted by name.

    Args:
        project: root of the project, with the folders `functions` and `libs`.
        names: functions to find; None: all.

    Raises:
        ToolError: there is no function of one of the names, a pyproject.toml cannot be used, or a folder has
            no package.
    """
    found = list_names(project)
    if unknown := sorted(set(names or ()) - found):
        raise ToolError(f"There is no function {', '.join(unknown)}; there are: {', '.join(sorted(found))}.")
    folders = [project / "functions" / name for name in sorted(found if names is None else set(names))]
    functions = [
        Function(name=folder.name, folder=folder, libraries=dict(sorted(_find_libraries(folder))))
        for folder in folders
    ]
    for package in (package for function in functions for package in function.packages):
        if not package.is_dir():
            raise ToolError(
                f"{_describe(package.parent)} has no package {package.name}: the package has the name of its "
                "folder."
            )
    return functions


def _find_libraries(folder: Path) -> Iterator[tuple[str, Path]]:
    file = folder / "pyproject.toml"
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ToolError(f"{_describe(file)} cannot be read: {error}") from error
    for name, source in document.get("tool", {}).get("uv", {}).get("sources", {}).items():
        if "path" not in source:
            raise ToolError(f"{_describe(file)} has a source without a path: {name}.")
        library = (folder / source["path"]).resolve()
        if not (library / "pyproject.toml").is_file():
            raise ToolError(f"{_describe(file)} names {source['path']}, which has no pyproject.toml.")
        yield name, library
        yield from _find_libraries(library)


def _describe(path: Path) -> str:
    """Return the path of a folder of the project, or of its pyproject.toml, from the root of the project."""
    return "/".join(path.parts[-3 if path.suffix else -2 :])


def _is_ignored(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"
