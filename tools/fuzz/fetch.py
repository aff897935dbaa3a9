"""Download of corpora: the test images of other packages, taken from the sources of the packages."""

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
# Neither the changes of Debian (.debian.tar.xz) nor the signature of an archive (.tar.xz.asc).
_ARCHIVE = re.compile(r"(?!.*\.debian\.).*\.tar\.(gz|bz2|xz)")


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A folder of files within the source of a package.

    Attributes:
        package: name of the package in its index.
        fetch: downloads the source of a package into a folder.
        within: path of the files, below the top folder of the source.
        description: the kind of files, in a few words.
    """

    package: str
    fetch: Callable[[str, Path], None]
    within: str
    description: str

    def files(self, folder: Path) -> list[Path]:
        """Return the paths of all files. The first call downloads and unpacks the source.

        Raises:
            ToolError: the package cannot be downloaded, or the source has no such files.
        """
        place = folder / self.package
        if not place.is_dir():
            with step(f"fetch {self.package}"):
                self._unpack(place)
        return sorted(path for path in place.rglob("*") if path.is_file())

    def _unpack(self, place: Path) -> None:
        unfinished = place.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        (unfinished / "files").mkdir(parents=True)
        try:
            self.fetch(self.package, unfinished)
        except CommandError as error:
            raise ToolError(f"{self.package} could not be fetched: {error.words}") from error
        (archive,) = [path for path in unfinished.iterdir() if _ARCHIVE.fullmatch(path.name)]
        with tarfile.open(archive) as source:
            for member in source:
                below = member.name.partition("/")[2]
                if member.isfile() and below.startswith(f"{self.within}/"):
                    source.extract(member, unfinished / "files", filter="data")
        if not any((unfinished / "files").iterdir()):
            raise ToolError(f"The source of {self.package} has no files in {self.within}.")
        (unfinished / "files").rename(place)
        shutil.rmtree(unfinished)


def from_pypi(package: str, folder: Path) -> None:
    """Download the source distribution of the installed version of a package."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--no-binary", ":all:", "--dest", folder, f"{package}=={version(package)}"])


def from_debian(package: str, folder: Path) -> None:
    """Download a source package of the Debian release that this machine runs.

    Lists and settings of apt are private to the call, so root is not needed.
    """
    settings = folder / "apt"
    for name in ("sources", "lists/partial", "cache/archives/partial"):
        (settings / name).mkdir(parents=True)
    for path in [_APT / "sources.list", *(_APT / "sources.list.d").glob("*")]:
        if path.suffix in {".list", ".sources"} and path.is_file():
            (settings / "sources" / path.name).write_text(
                to_source_list(path.read_text(encoding="utf-8")), encoding="utf-8"
            )
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


def to_source_list(text: str) -> str:
    """Return a list of apt with its programs replaced by sources, in one-line or deb822 style."""
    return re.sub(r"^(Types:.*|deb(?=\s))", _to_source_entry, text, flags=re.MULTILINE)


def _to_source_entry(found: re.Match[str]) -> str:
    return "Types: deb-src" if found[0].startswith("Types:") else "deb-src"


CORPORA = (
    Corpus(package="pillow", fetch=from_pypi, within="Tests/images", description="the tests of Pillow"),
    Corpus(
        package="gdk-pixbuf",
        fetch=from_debian,
        within="tests/test-images",
        description="files that must be refused, randomly modified ones, a suite of GIFs",
    ),
    Corpus(
        package="exiv2",
        fetch=from_debian,
        within="test/data",
        description="files of reported crashes, photographs of many cameras",
    ),
    Corpus(
        package="libgd2", fetch=from_debian, within="tests", description="files of reported faults, by format"
    ),
)
