"""Trials: checks on files, each file in a process of its own (`tools.fuzz.trial`)."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tools.console import ToolError
from tools.fuzz.limits import MEMORY_BYTES
from tools.fuzz.supervisor import environment
from tools.paths import PROJECT
from tools.process import PIPE, start


def try_files(
    files: Sequence[Path], checks: str = "tools.fuzz.targets", folder: Path = PROJECT
) -> Iterator[dict[str, Any]]:
    """Yield for each file the outcomes, the exit code of the process and its peak memory.

    Args:
        files: absolute paths of the files.
        checks: name of the module that defines the checks as `AS_DELIVERED`.
        folder: current folder of the processes, for checks that write files.

    Raises:
        ToolError: the process that starts the trials failed.
    """
    command = [sys.executable, "-m", "tools.fuzz.trial", checks]
    process = start(command, cwd=folder, environment=environment(), stdin=PIPE, stdout=PIPE)
    printed, _ = process.communicate("".join(f"{path}\n" for path in files).encode())
    if process.returncode:
        raise ToolError("The files could not be tried; the output above gives the reason.")
    yield from map(json.loads, printed.splitlines())


def faults(one: dict[str, Any], max_bytes: int = MEMORY_BYTES) -> Iterator[str]:
    """Yield a sentence for each fault in the result of a file, more memory than `max_bytes` included."""
    if one["ended"]:
        yield f"the process ended with {one['ended']}"
    if one["peak_bytes"] > max_bytes:
        yield f"{one['peak_bytes'] >> 20} MB"
    for outcome in one["outcomes"]:
        if outcome["outcome"] == "finding":
            yield f"{outcome['target']}: neither an image nor a named error"
