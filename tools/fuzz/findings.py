"""What a worker came upon, and the file that shows it."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A file that got neither an answer nor a named error.

    Attributes:
        target: what was given the file.
        told: what happened: a traceback, or one sentence.
        path: the file.
    """

    target: str
    told: str
    path: Path

    @property
    def last_line(self) -> str:
        """The one line that says most."""
        return self.told.strip().splitlines()[-1]


def keep(regressions: Path, target: str, data: bytes, told: str) -> Finding:
    """Put the file where the tests try it from now on."""
    path = regressions / f"{target}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return Finding(target=target, told=told, path=path)


def collect_findings(folder: Path, regressions: Path, target: str) -> list[Finding]:
    """Those that the worker of a folder wrote down, their files moved to the tests."""
    found = []
    for text in sorted(folder.glob("*.txt")):
        path = regressions / text.stem
        shutil.move(text.with_suffix(".file"), path)
        found.append(Finding(target=target, told=text.read_text(), path=path))
        text.unlink()
    return found
