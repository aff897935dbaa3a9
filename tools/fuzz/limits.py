"""Limits of what one file may cost, and the exceptions for files that cost more."""

import re
import resource
import signal
import sys
from pathlib import Path

MEMORY_BYTES = 512 << 20
SLOW_SECONDS = 3
"""Maximum CPU time of one execution in seconds: a thousand times the usual time."""
BURN_SECONDS = 8
"""CPU time of one execution in seconds after which the kernel ends the process."""
FILE_SECONDS = 60
"""CPU time of one check of a whole file in seconds after which the kernel ends the process."""
HANG_SECONDS = 600
"""Wall time of one execution in seconds after which the supervisor ends the process.

The kernel limits CPU time, so only a process that waits gets here. On a busy machine one of low priority
waits a hundred times as long as it computes, and must not count as hanging.
"""


class TooSlow(Exception):  # noqa: N818 - the name describes the event
    """The execution ended, but after the maximum CPU time."""


class TooMuchMemory(Exception):  # noqa: N818
    """The peak memory of the process exceeded the limit."""


def limit_cpu(seconds: int) -> None:
    """Set the kernel to end this process after this many more seconds of CPU time.

    RLIMIT_CPU would need the time since the start in the kernel's own count, which samples ticks: on a busy
    machine it differed by 9 % from `time.process_time`, more than this limit after two minutes.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def peak_bytes() -> int:
    """Return the peak memory of this process in bytes."""
    if sys.platform == "linux":
        # ru_maxrss is unsuitable, because the kernel starts it at the peak of the parent process.
        return _read_status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def reset_peak() -> int:
    """Reset the peak memory of this process to the current memory (Linux only), and return that in bytes."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc_pid_clear_refs(5)
    return _read_status("VmRSS")


def _read_status(name: str) -> int:
    """Return a size in /proc/self/status (proc_pid_status(5)) in bytes."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    (size,) = re.findall(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(size) << 10
