"""The folder of a running stack: its files, and the process that holds it.

The process that runs a stack keeps an exclusive lock on its pid file. The kernel drops the lock when the
process ends, however it ends. So the pid in a locked file is that process, never a stranger that got its
number.
"""

import fcntl
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.console import ToolError

_POLL_SECONDS = 0.05
_RUNNING = "A local stack is running already: stop it with `invoke down`."


@dataclass(frozen=True)
class StateFolder:
    """Where a stack keeps everything it writes.

    Attributes:
        path: the folder; made when the stack starts, removed by `invoke down`.
    """

    path: Path

    @property
    def stack_pid(self) -> Path:
        """Pid file of the process that runs the stack."""
        return self.path / "stack.pid"

    @property
    def stack_log(self) -> Path:
        """What a stack in the background says."""
        return self.path / "stack.log"

    @property
    def emulator_log(self) -> Path:
        """What the AWS emulator and the functions in it say."""
        return self.path / "emulator.log"

    @property
    def edge_log(self) -> Path:
        """One line for each viewer request, and what went wrong at the edge."""
        return self.path / "edge.log"

    @property
    def result(self) -> Path:
        """Written once: what a stack in the background came to, see `tools.local.serve`."""
        return self.path / "result.json"

    @property
    def temporary(self) -> Path:
        """Temporary files of the emulator and of the functions."""
        return self.path / "tmp"

    @property
    def home(self) -> Path:
        """Home folder of every process of the stack: the user's has credentials and settings."""
        return self.path / "home"

    @property
    def terraform(self) -> Path:
        """The working copy of the Terraform configuration, with its state."""
        return self.path / "terraform"


def lock_pid_file(pid_file: Path) -> IO[str]:
    """Lock a pid file, and write this process into it until there is another to write.

    Returns:
        The open file. The claim lasts until it is closed here and in the process that inherits it.

    Raises:
        ToolError: a running process holds it.
    """
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    file = pid_file.open("a+", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise ToolError(_RUNNING) from None
    write_pid(file, os.getpid())
    return file


def require_not_running(pid_file: Path) -> None:
    """Refuse to go on while a stack holds its folder.

    Raises:
        ToolError: a running process holds the pid file.
    """
    if find_holder(pid_file) is not None:
        raise ToolError(_RUNNING)


def write_pid(file: IO[str], pid: int) -> None:
    """Put a child that inherits the claim into the file."""
    file.seek(0)
    file.truncate()
    file.write(f"{pid}\n")
    file.flush()


def find_holder(pid_file: Path) -> int | None:
    """The pid of the living process that holds a pid file, None when there is none."""
    try:
        with pid_file.open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read())
    except FileNotFoundError:
        return None
    return None


def stop_holder(pid_file: Path, *, grace_seconds: float) -> bool:
    """Ask the holder of a pid file to end, and make it end after the grace.

    Returns:
        Whether there was a holder.
    """
    pid = find_holder(pid_file)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    if not _wait_for_release(pid_file, grace_seconds):
        # A process that leads a session of its own has nobody else's processes in its group.
        os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)
        _wait_for_release(pid_file, grace_seconds)
    return True


def kill_leftovers(state: StateFolder) -> None:
    """Kill what a killed stack left: providers of Terraform outlive Terraform and the process that serves.

    The processes of a stack, and no others, have a home in its folder. Only Linux shows the environment of a
    process; elsewhere nothing is found.
    """
    homes = [f"HOME={home}".encode() for home in (state.home, state.temporary)]
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # the process of another user, or one that has ended
            if any(home in file.read_bytes().split(b"\0") for home in homes):
                os.kill(int(file.parent.name), signal.SIGKILL)


def _wait_for_release(pid_file: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find_holder(pid_file) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
