"""What the measured sides share: a line of JSON in, the picture made and measured, a line of JSON out.

A side runs by path, in a process of its own, and answers until its standard input ends.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

type Make = Callable[[bytes, int, int, str, int], bytes]
"""From a file, the width and height of the box, a format (JPEG or WEBP) and a quality to a file."""

_RESET_PEAK = "5"  # proc_pid_clear_refs(5)


def answer(make: Make) -> None:
    """Measure `make` once for each line.

    Collection of garbage runs as it does in Lambda: by itself, but not with what an earlier line left.
    """
    for line in sys.stdin:
        order = json.loads(line)
        data = Path(order["path"]).read_bytes()
        gc.collect()
        before_kib = start_of_memory()
        started = time.process_time()
        made = make(data, order["width"], order["height"], order["format"], order["quality"])
        measured: dict[str, Any] = {
            "cpu_ms": 1000 * (time.process_time() - started),
            "memory_kib": memory_kib("VmHWM") - before_kib,
            "bytes": len(made),
        }
        if order["to"]:
            Path(order["to"]).write_bytes(made)
        sys.stdout.write(json.dumps(measured) + "\n")
        sys.stdout.flush()


def start_of_memory() -> int:
    """Let the peak of this process's memory begin anew; KiB that it holds now."""
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    return memory_kib("VmRSS")


def memory_kib(name: str) -> int:
    """VmRSS, what the process holds, or VmHWM, the most it held (proc_pid_status(5))."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:")))
