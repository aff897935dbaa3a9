"""Excerpts of log files for error messages."""

from pathlib import Path

_LINES = 15
_BYTES = 16_384


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
