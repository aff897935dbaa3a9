"""Collections of images, fetched by the names of the packages they are the tests of."""

import os
import re
import shutil
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tools.console import ToolError, step
from tools.process import CommandError, run

_APT = Path("/etc/apt")


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A folder of files within the source of a package.

    Attributes:
        package: its name where it comes from.
        fetch: downloads the package's source into a folder.
        within: the folder of the files, below the source's first one.
        what: they are, in a few words.
    """

    package: str
    fetch: Callable[[str, Path], None]
    within: str
    what: str

    def files(self, folder: Path) -> list[Path]:
        """All its files, fetched and unpacked if they are not there yet.

        Raises:
            ToolError: the package cannot be had here.
        """
        place = folder / self.package
        if not place.is_dir():
            with step(f"fetch {self.package}"):
                self._unpack(place)
        return sorted(path for path in place.rglob("*") if path.is_file())

    def _unpack(self, place: Path) -> None:
        coming = place.with_suffix(".part")
        shutil.rmtree(coming, ignore_errors=True)
        (coming / "files").mkdir(parents=True)
        try:
            self.fetch(self.package, coming)
        except CommandError as error:
            raise ToolError(f"{self.package} could not be fetched: {error.words}") from error
        (archive,) = [
            path for path in coming.glob("*.tar.*") if ".debian." not in path.name and path.is_file()
        ]
        with tarfile.open(archive) as source:
            for member in source:
                below = member.name.partition("/")[2]
                if member.isfile() and below.startswith(f"{self.within}/"):
                    source.extract(member, coming / "files", filter="data")
        (coming / "files").rename(place)
        shutil.rmtree(coming)


def from_pypi(package: str, folder: Path) -> None:
    """The source distribution of the version that is installed."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--no-binary", ":all:", "--dest", folder, f"{package}=={version(package)}"])


def from_debian(package: str, folder: Path) -> None:
    """The source package of the Debian this runs on. Lists and settings are its own: it needs no root."""
    settings = folder / "apt"
    for name in ("sources", "lists/partial", "cache/archives/partial"):
        (settings / name).mkdir(parents=True)
    for path in [_APT / "sources.list", *(_APT / "sources.list.d").glob("*")]:
        if path.suffix in {".list", ".sources"} and path.is_file():
            (settings / "sources" / path.name).write_text(as_sources(path.read_text()))
    options = {
        "Dir::Etc::SourceList": os.devnull,
        "Dir::Etc::SourceParts": settings / "sources",
        "Dir::State::Lists": settings / "lists",
        "Dir::Cache": settings / "cache",
        "APT::Sandbox::User": "",
    }
    apt = ["apt-get", "--quiet=2", *(f"--option={name}={value}" for name, value in options.items())]
    run([*apt, "update"])
    run([*apt, "source", "--download-only", package], cwd=folder)


def as_sources(text: str) -> str:
    """The same places, asked for sources instead of programs, in either form of apt's lists."""
    return re.sub(r"^(Types:.*|deb(?=\s))", _asking_for_sources, text, flags=re.MULTILINE)


def _asking_for_sources(found: re.Match[str]) -> str:
    return "Types: deb-src" if found[0].startswith("Types:") else "deb-src"


CORPORA = (
    Corpus(package="pillow", fetch=from_pypi, within="Tests/images", what="the tests of Pillow"),
    Corpus(
        package="gdk-pixbuf",
        fetch=from_debian,
        within="tests/test-images",
        what="files that must be refused, randomly modified ones, a suite of GIFs",
    ),
    Corpus(
        package="exiv2",
        fetch=from_debian,
        within="test/data",
        what="files of reported crashes, photographs of many cameras",
    ),
    Corpus(package="libgd2", fetch=from_debian, within="tests", what="files of reported faults, by format"),
)
