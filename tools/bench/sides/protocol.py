"""Protocol of a side: a request in one line of JSON, a measured transform, a response in one line of JSON.

A side runs as a module in a process of its own until standard input ends.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

type Transform = Callable[[bytes, int, int, str, int], bytes]
"""From a file, width and height of the box, format ("JPEG" or "WEBP") and quality to a file."""

_RESET_PEAK = "5"  # proc_pid_clear_refs(5)


def serve(transform: Transform) -> None:
    """Measure a transform once for each request.

    Garbage of earlier requests is collected before the measurement. During the measurement the collector
    runs as in Lambda.
    """
    for line in sys.stdin:
        request = json.loads(line)
        data = Path(request["path"]).read_bytes()
        gc.collect()
        before_kib = reset_peak_memory()
        started = time.process_time()
        made = transform(data, request["width"], request["height"], request["format"], request["quality"])
        response: dict[str, Any] = {
            "cpu_ms": 1000 * (time.process_time() - started),
            "memory_kib": read_memory_kib("VmHWM") - before_kib,
            "bytes": len(made),
        }
        if request["to"]:
            Path(request["to"]).write_bytes(made)
        sys.stdout.write(json.dumps(response) + "\n")
        sys.stdout.flush()


def reset_peak_memory() -> int:
    """Reset the peak memory of this process to its current memory and return the latter in KiB."""
    Path("/proc/self/clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    return read_memory_kib("VmRSS")


def read_memory_kib(name: str) -> int:
    """Return the resident memory of this process, VmRSS, or the peak, VmHWM (proc_pid_status(5)), in KiB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:")))
