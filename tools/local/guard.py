"""Run Python in a process group that is killed as a whole: `python guard.py ARGUMENTS`.

The guard leads a process group with the program and the program's children. When the program or the parent of
the guard ends, for any reason, the rest of the group is killed. A program that is killed cannot do so itself.
"""

import os
import signal
import subprocess
import sys
import threading
import time

_GRACE_SECONDS = 5.0


def main() -> None:
    """Run the program until it ends. Standard input is a pipe from the parent."""
    # SIGTERM is sent to the whole group, and the guard ends last. The program does not inherit the handler.
    signal.signal(signal.SIGTERM, lambda *_: None)
    # The program's standard input is a pipe that ends if the guard is killed.
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
