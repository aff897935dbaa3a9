"""Program that runs the checks on files, each in a process of its own, under the limits of the product.

The argument is the name of the module that defines the checks. The program reads paths from standard input,
one per line, and writes one line of JSON per file to standard output.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from tools.fuzz.limits import FILE_SECONDS, limit_cpu

_ADDRESS_SPACE_BYTES = 3 << 30  # so that no file can exhaust the memory of the machine


def main() -> None:
    """Try the files from standard input."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C needs no stack trace of each child
    checks = importlib.import_module(sys.argv[1]).AS_DELIVERED
    for line in sys.stdin:
        print(json.dumps(_try_in_child(Path(line.rstrip("\n")), checks)), flush=True)


def _try_in_child(path: Path, checks: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return the outcomes of a file, the exit code of the process, and its peak memory."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            _try(path.read_bytes(), checks, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        outcomes = [json.loads(line) for line in pipe]
    _, status, usage = os.wait4(child, 0)
    return {
        "path": str(path),
        "outcomes": outcomes,
        "ended": os.waitstatus_to_exitcode(status),
        "peak_bytes": usage.ru_maxrss << 10,
    }


def _try(data: bytes, checks: Mapping[str, Sequence[Any]], pipe: TextIO) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    for target, several in checks.items():
        for check in several:
            began = time.process_time()
            limit_cpu(FILE_SECONDS)
            try:
                outcome = check(data)
            except Exception:  # noqa: BLE001 - any exception is a finding
                outcome = "finding"
                print(traceback.format_exc(), file=sys.stderr)
            result = {"target": target, "outcome": outcome, "seconds": time.process_time() - began}
            print(json.dumps(result), file=pipe, flush=True)


if __name__ == "__main__":
    main()
