"""The locked wheels: which ones to ask pip for, and what an installation makes of them."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tools.build.manifest import Wheel

REQUIREMENTS, FOLDER = "requirements.txt", "wheels"

# Lambda's Python 3.13 runs on Amazon Linux 2023 with glibc 2.34. pip takes a platform literally: to it,
# manylinux_2_28 does not admit what was made for an older glibc.
_PLATFORMS = (*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)), "manylinux2014_x86_64")
_FOR_LAMBDA = ("--only-binary=:all:", "--implementation=cp", "--python-version=3.13")

# Arguments of Python: the wheels of REQUIREMENTS into FOLDER, whatever system it runs on.
DOWNLOAD = (
    *("-I", "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"),
    *(f"--requirement={REQUIREMENTS}", f"--dest={FOLDER}", "--require-hashes", "--no-deps"),
    *_FOR_LAMBDA,
    *(f"--platform={platform}" for platform in _PLATFORMS),
)


def describe(wheel: Path) -> Wheel:
    """Tell which wheel a file is."""
    name, version, *_ = wheel.name.split("-")  # the binary distribution format's rule
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return Wheel(filename=wheel.name, name=name, sha256=digest, version=version)


def installed_files(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """Lay out a wheel as an installation would, without scripts, headers and data.

    Returns:
        Path below the folder of packages and content, for each file.
    """
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            path = _installed_path(PurePosixPath(entry.filename))
            if path is not None and not entry.is_dir():
                yield str(path), archive.read(entry)


def _installed_path(path: PurePosixPath) -> PurePosixPath | None:
    if not path.parts[0].endswith(".data"):
        return path
    return PurePosixPath(*path.parts[2:]) if path.parts[1] in {"purelib", "platlib"} else None
