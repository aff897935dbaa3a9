"""What one file may cost, and the names of what costs more."""

import math
import re
import resource
import sys
import time
from pathlib import Path

MEMORY_BYTES = 512 << 20
SLOW_SECONDS = 3
"""Seconds of CPU time for one execution: a thousand times what one takes."""
BURN_SECONDS = 8
"""Seconds of CPU time after which the kernel ends a process within an execution."""
HANG_SECONDS = 60
"""Seconds on the clock after which a process is given up."""


class TooSlow(Exception):  # noqa: N818 - names what happened
    """It came to an end, and late."""


class TooMuchMemory(Exception):  # noqa: N818
    """The process's peak went over the limit."""


def limit_cpu(seconds: int) -> None:
    """Have the kernel end this process once it has used that many seconds of CPU time more."""
    end = math.ceil(time.process_time()) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (end, resource.RLIM_INFINITY))


def peak_bytes() -> int:
    """The most memory that this process ever had."""
    if sys.platform == "linux":
        # Not ru_maxrss, which begins with the peak of whoever started the process.
        (peak,) = re.findall(r"^VmHWM:\s+(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
        return int(peak) << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
