"""Log files: their bounded growth, and excerpts for error messages."""

import os
import shutil
from contextlib import suppress
from logging import Formatter
from logging.handlers import RotatingFileHandler
from pathlib import Path

_LINES = 15
_BYTES = 16_384
_MAX_LOG_BYTES = 32 << 20  # some 300,000 requests


def previous_log(path: Path) -> Path:
    """Return the path of the full log that a log file follows."""
    return path.with_name(f"{path.name}.1")


def open_log(path: Path, line_format: str, max_bytes: int = _MAX_LOG_BYTES) -> RotatingFileHandler:
    """Open an empty log file. A full one becomes `previous_log`, which is overwritten the next time."""
    path.unlink(missing_ok=True)
    handler = RotatingFileHandler(path, maxBytes=max_bytes, backupCount=1, encoding="utf-8")
    handler.setFormatter(Formatter(line_format))
    return handler


def rotate_output(path: Path, max_bytes: int = _MAX_LOG_BYTES) -> None:
    """Move a full log to `previous_log`, though other processes have the file open to append to it.

    The file stays the same, so lines that are written between the copy and the truncation are lost.
    """
    # Somebody may delete the file meanwhile.
    with suppress(FileNotFoundError):
        if path.stat().st_size > max_bytes:
            shutil.copyfile(path, previous_log(path))
            os.truncate(path, 0)


def format_log_tail(path: Path) -> str:
    """Return the name and the last lines of a log file; only the name if the file is empty or missing."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join([f"Log: {path}", *(f"  {line}" for line in lines[-_LINES:])])
