"""End an interrupted run of pytest within 20 seconds, without processes and files of its stacks.

pytest runs the teardown of all fixtures after Ctrl-C, but a test that waits for Terraform waits to the end,
and pytest-xdist kills busy workers after ten seconds, whose children then run on. A sweeper in a session of
its own therefore kills all processes of the run when pytest ends early, for any reason, or takes too long.

As a program: `python interruption.py PID FOLDER`, started by `pytest_sessionstart`.
"""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

MAX_TEARDOWN_SECONDS = 15.0
"""Time from Ctrl-C until pytest is killed. pytest-xdist needs ten seconds."""
_VARIABLE = "EDGE_IMAGES_TEST_RUN"
_INTERRUPTED, _FINISHED = b"i", b"f"

_sweepers: list[tuple[int, "subprocess.Popen[bytes]"]] = []
"""The sweeper and the file descriptor for messages to it; empty in the workers of pytest-xdist."""


def pytest_sessionstart(session: "pytest.Session") -> None:
    """Start the sweeper, before pytest-xdist starts its workers."""
    if hasattr(session.config, "workerinput"):
        return
    folder = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001  # there is no public way in
    # All processes of the run either inherit the variable or name the folder.
    os.environ[_VARIABLE] = str(folder)
    reader, writer = os.pipe()
    command = [sys.executable, "-P", __file__, str(os.getpid()), str(folder)]
    sweeper = subprocess.Popen(command, stdin=reader, start_new_session=True)  # noqa: S603  # this file
    os.close(reader)
    _sweepers.append((writer, sweeper))
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def pytest_sessionfinish(exitstatus: int) -> None:
    """End the sweeper, unless the run was interrupted."""
    if exitstatus == 2:  # pytest.ExitCode.INTERRUPTED
        return
    for writer, sweeper in _sweepers:
        os.write(writer, _FINISHED)
        sweeper.wait()


def _interrupt(number: int, frame: FrameType | None) -> None:
    for writer, _ in _sweepers:
        os.write(writer, _INTERRUPTED)
    signal.default_int_handler(number, frame)


def main() -> None:
    """Wait for the end of pytest, and remove the rest of a run that was interrupted."""
    pid, folder = int(sys.argv[1]), sys.argv[2]
    message = os.read(0, 1)
    if message == _INTERRUPTED:
        # The pipe ends with pytest. A second Ctrl-C has no other meaning.
        deadline = time.monotonic() + MAX_TEARDOWN_SECONDS
        while select.select([0], [], [], max(0, deadline - time.monotonic()))[0] and os.read(0, 1):
            pass
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    if message != _FINISHED:
        while _kill_processes(folder):
            time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)


def _kill_processes(folder: str) -> int:
    """Kill all processes whose environment or command line names a folder, and return their number."""
    # The name of another run may begin with that of this run: pytest-4 and pytest-40.
    name = re.compile(re.escape(folder.encode()) + rb"(?![\w.-])")
    killed = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # a process of another user, or a process that has ended
            text = process.joinpath("environ").read_bytes() + process.joinpath("cmdline").read_bytes()
            if name.search(text) and int(process.name) != os.getpid():
                os.kill(int(process.name), signal.SIGKILL)
                killed += 1
    return killed


if __name__ == "__main__":
    main()
