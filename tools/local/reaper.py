"""Kill a process group after the end of its leader: `python reaper.py PROCESS_GROUP`.

Terraform and its providers outlive the process that serves a stack if that process is killed: no handler runs
on SIGKILL. The reaper has a session of its own. Standard input is a pipe from the leader, which the kernel
closes however the leader ends.
"""

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Wait for the end of standard input, then kill the group."""
    sys.stdin.buffer.read()
    with suppress(ProcessLookupError):  # the leader left no process
        os.killpg(int(sys.argv[1]), signal.SIGKILL)


if __name__ == "__main__":
    main()
