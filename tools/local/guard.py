"""Run Python so that nothing of it is left behind: `python guard.py ARGUMENTS OF PYTHON`.

The guard leads a process group with the program and everything that the program starts. When the program
ends, or the process that started the guard does, both however that happens, the rest of the group is killed.
A program that is killed cannot see to that itself.
"""

import os
import signal
import subprocess
import sys
import threading
import time

_GRACE_SECONDS = 5.0


def main() -> None:
    """Guard the program until it ends. Standard input is a pipe from the process that started the guard."""
    # The whole group is asked to end at once, and the guard goes last. The program inherits no handler.
    signal.signal(signal.SIGTERM, lambda *_: None)
    # The program gets a pipe as well, which ends with the guard, should the guard be killed.
    command = [sys.executable, *sys.argv[1:]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, close_fds=False) as program:  # noqa: S603  # our own program
        threading.Thread(target=_end_with_parent, daemon=True).start()
        program.wait()
        os.killpg(0, signal.SIGKILL)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
