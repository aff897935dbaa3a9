"""A library with every fault that the fuzzer detects, in GIF files."""

import math
import os
import signal
import time
from functools import partial

from tools.fuzz.limits import MEMORY_BYTES, SLOW_SECONDS

STARTED = time.process_time()


def check_one(target: str, data: bytes) -> str:
    """Show the fault that the target names, for a GIF file."""
    if not data.startswith(b"GIF"):
        return "image"
    match target:
        case "raises":
            raise ZeroDivisionError
        case "crashes":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exits":
            os._exit(3)
        case "hangs":
            time.sleep(100)
        case "is slow" | "burns":
            end = STARTED + SLOW_SECONDS + 2 if target == "is slow" else math.inf
            while time.process_time() < end:  # once
                pass
        case "grows":
            bytearray(b"x") * MEMORY_BYTES
    return "image"


AS_DELIVERED = {name: [partial(check_one, name)] for name in ("is sound", "raises", "crashes")}
