"""What a function consists of: its own package and the local libraries that its project file leads to."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.console import ToolError


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function of the project.

    Attributes:
        name: its import name, its folder's name and its zip's name.
        folder: where its pyproject.toml and requirements.txt lie.
        libraries: the folders of the local libraries it reaches, by their project names, sorted.
    """

    name: str
    folder: Path
    libraries: Mapping[str, Path]

    @property
    def packages(self) -> tuple[Path, ...]:
        """The importable folders: each project holds one, with the project folder's name."""
        return tuple(folder / folder.name for folder in (self.folder, *self.libraries.values()))

    def sources(self) -> Iterator[tuple[str, bytes]]:
        """Read the files of the function and its libraries: path in the zip and content, for each file."""
        for package in self.packages:
            for path in package.rglob("*"):
                if path.is_file() and not any(_is_litter(part) for part in path.relative_to(package).parts):
                    yield path.relative_to(package.parent).as_posix(), path.read_bytes()


def find_functions(project: Path, names: Sequence[str] | None = None) -> list[Function]:
    """Find the functions of a project by their project files, sorted by name.

    Args:
        project: the root, which holds `functions/` and `libs/`.
        names: the ones wanted; None: all.

    Raises:
        ToolError: there is no such function.
    """
    found = {file.parent.name: file.parent for file in (project / "functions").glob("*/pyproject.toml")}
    if unknown := sorted(set(names or ()) - set(found)):
        raise ToolError(f"There is no function {', '.join(unknown)}; there are: {', '.join(sorted(found))}.")
    return [
        Function(name=name, folder=folder, libraries=dict(sorted(_libraries(folder))))
        for name, folder in sorted(found.items())
        if names is None or name in names
    ]


def _libraries(folder: Path) -> Iterator[tuple[str, Path]]:
    document = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    for name, source in document.get("tool", {}).get("uv", {}).get("sources", {}).items():
        library = (folder / source["path"]).resolve()
        yield name, library
        yield from _libraries(library)


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name == "__pycache__"
