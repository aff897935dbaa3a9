"""The folder of a running stack: its files and its lock.

The process that runs a stack holds an exclusive lock on its pid file, which the kernel releases when the
process ends. The pid in a locked file is therefore that of the stack, not of an unrelated process that reused
the number.
"""

import fcntl
import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tools.console import ToolError

_POLL_SECONDS = 0.05
_RUNNING = "A local stack is running already: stop it with `./invokew down`."


@dataclass(frozen=True)
class StateFolder:
    """Paths of the files of a stack.

    Attributes:
        path: the folder; created by the stack, removed by `invoke down`.
    """

    path: Path

    @property
    def stack_pid(self) -> Path:
        """Pid file of the process that runs the stack."""
        return self.path / "stack.pid"

    @property
    def stack_log(self) -> Path:
        """Output of the process that runs the stack."""
        return self.path / "stack.log"

    @property
    def emulator_log(self) -> Path:
        """Output of the AWS emulator and its functions."""
        return self.path / "emulator.log"

    @property
    def edge_log(self) -> Path:
        """One line for each viewer request, and errors of the edge."""
        return self.path / "edge.log"

    @property
    def request_log(self) -> Path:
        """One line for each request to the AWS emulator: method, host and path."""
        return self.path / "requests.log"

    @property
    def result(self) -> Path:
        """Result of the start: ready, or the reason of a failure. See `tools.local.serve`."""
        return self.path / "result.json"

    @property
    def temporary(self) -> Path:
        """Temporary files of the emulator and the functions."""
        return self.path / "tmp"

    @property
    def home(self) -> Path:
        """Home directory of the stack's processes, without the credentials and settings of the user."""
        return self.path / "home"

    @property
    def terraform(self) -> Path:
        """Working copy of the Terraform configuration, including its state."""
        return self.path / "terraform"


def lock_pid_file(pid_file: Path) -> IO[str]:
    """Lock a pid file and write the pid of this process.

    Returns:
        The open file. The lock lasts until this process and all that inherit the file have closed it.

    Raises:
        ToolError: a running process holds the lock.
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
    """Require that no stack runs in the folder.

    Raises:
        ToolError: a running process holds the pid file.
    """
    if find_holder(pid_file) is not None:
        raise ToolError(_RUNNING)


def write_pid(file: IO[str], pid: int) -> None:
    """Write the pid of a child that inherits the lock."""
    file.seek(0)
    file.truncate()
    file.write(f"{pid}\n")
    file.flush()


def find_holder(pid_file: Path) -> int | None:
    """Return the pid of the process that holds a pid file; None if there is none."""
    try:
        with pid_file.open(encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                pid = file.read()
            else:
                return None
    except FileNotFoundError:
        return None
    if pid:
        return int(pid)
    # The holder is between emptying the file and writing its pid.
    time.sleep(_POLL_SECONDS)
    return find_holder(pid_file)


def read_running(state: StateFolder, up: str) -> tuple[int, dict[str, Any]]:
    """Return the process and the result of a running stack that is ready.

    Args:
        state: folder of the stack.
        up: command that starts a stack, for the message.

    Raises:
        ToolError: there is none.
    """
    pid = find_holder(state.stack_pid)
    try:
        result = json.loads(state.result.read_bytes())
    except FileNotFoundError:  # `invoke down` removes the folder meanwhile
        result = {}
    if pid is None or "edge_urls" not in result:
        raise ToolError(f"No local stack is running: start one with {up}")
    return pid, result


def stop_holder(pid_file: Path, *, grace_seconds: float) -> bool:
    """Send SIGTERM to the holder of a pid file, and SIGKILL after the grace period.

    Returns:
        True if there was a holder.
    """
    pid = find_holder(pid_file)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    if not _wait_for_release(pid_file, grace_seconds):
        # A session leader's process group contains no unrelated processes.
        os.killpg(pid, signal.SIGKILL) if os.getpgid(pid) == pid else os.kill(pid, signal.SIGKILL)
        _wait_for_release(pid_file, grace_seconds)
    return True


def kill_leftovers(state: StateFolder) -> None:
    """Kill the processes of a killed stack, such as Terraform's providers, which outlive Terraform.

    These processes are found by their HOME, which only processes of the stack have. Only Linux discloses the
    environment of processes; elsewhere none is found.
    """
    homes = [f"HOME={home}".encode() for home in (state.home, state.temporary)]
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # a process of another user, or a process that has ended
            if any(home in file.read_bytes().split(b"\0") for home in homes):
                os.kill(int(file.parent.name), signal.SIGKILL)


def _wait_for_release(pid_file: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find_holder(pid_file) is not None:
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
