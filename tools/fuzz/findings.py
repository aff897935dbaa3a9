"""Findings: files on which a library failed, kept as regression tests."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A file whose outcome is neither an image nor a named error.

    Attributes:
        target: name of the library.
        report: traceback, or output of a process that died.
        path: path of the file.
    """

    target: str
    report: str
    path: Path


def keep(regressions: Path, target: str, data: bytes, report: str) -> Finding:
    """Write the file to the regression tests and return the finding."""
    path = regressions / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return Finding(target=target, report=report, path=path)


def collect_findings(folder: Path, regressions: Path, target: str) -> list[Finding]:
    """Return the findings that a worker wrote to its folder, and move the files to the regression tests."""
    found = []
    for text in sorted(folder.glob("*.txt")):
        path = regressions / text.stem
        shutil.move(text.with_suffix(".file"), path)
        found.append(Finding(target=target, report=text.read_text(encoding="utf-8"), path=path))
        text.unlink()
    return found
