"""Protocol of a side: a request in one line of JSON, a measured transform, a response in one line of JSON.

A side runs as a module in a process of its own until standard input ends.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_RESET_PEAK = "5"  # proc_pid_clear_refs(5)


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of a transform.

    Attributes:
        width: width of the box in pixels.
        height: height of the box in pixels.
        format: JPEG, PNG, WEBP, AVIF or GIF.
        quality: 1 to 100, on the scale of the side; without meaning for PNG and GIF.
        lossless: True for a lossless WebP. Only sharp and pyvips are asked for one.
        palette: True for a PNG with a palette. Only sharp and pyvips need to be asked for one.
        animated: True to keep all frames. Only sharp and pyvips need to be asked for them.
    """

    width: int
    height: int
    format: str
    quality: int
    lossless: bool = False
    palette: bool = False
    animated: bool = False


type Transform = Callable[[bytes, Options], bytes]
"""From a file and options to a file."""


def serve(transform: Transform) -> None:
    """Measure a transform once for each request.

    Garbage of earlier requests is collected before the measurement. During the measurement the collector
    runs as in Lambda.
    """
    for line in sys.stdin:
        request = json.loads(line)
        data = Path(request["path"]).read_bytes()
        options = Options(**request["options"])
        gc.collect()
        before_kib = reset_peak_memory()
        started = time.process_time()
        made = transform(data, options)
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
