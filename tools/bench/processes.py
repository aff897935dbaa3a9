"""A process with its descendants: processor time and memory, from /proc (proc(5))."""

import contextlib
import os
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def list_processes(pid: int) -> set[int]:
    """Return the ids of a process and of all descendants."""
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # the process has ended meanwhile
            parents[int(folder.name)] = int(_read_fields(int(folder.name))[1])
    found, new = set[int](), {pid}
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in new} - found
    return found


def measure_cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and of all descendants, including ended ones."""
    ticks = 0
    for each in list_processes(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # utime, stime, and those of the children that the process has waited for
            ticks += sum(map(int, _read_fields(each)[11:15]))
    return ticks / _TICKS_PER_SECOND


def measure_resident_bytes(pid: int) -> int:
    """Return the resident memory of a process and of all descendants."""
    pages = 0
    for each in list_processes(pid):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pages += int(Path(f"/proc/{each}/statm").read_text(encoding="utf-8", errors="replace").split()[1])
    return pages * _PAGE_BYTES


def _read_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the third, the state, on. The name may contain spaces."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
