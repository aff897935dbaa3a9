"""A run of pytest that is interrupted leaves no process and no folder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.paths import PROJECT

# A test that does not end, as if it waited for Terraform, with an emulator and a program that would outlive
# pytest: the program has neither the environment nor the process group of pytest.
STUBBORN = """
import subprocess
import sys
import time
from contextlib import suppress

from tools.local.emulator.process import Emulator
from tools.local.state import StateFolder

def test_stubborn(tmp_path):
    program = [sys.executable, "-c", "import time; time.sleep(600)", str(tmp_path)]
    with Emulator(StateFolder(tmp_path)), subprocess.Popen(program, env={}, start_new_session=True):
        (tmp_path / "began").touch()
        while True:
            with suppress(KeyboardInterrupt):
                time.sleep(600)
"""


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of the processes that name a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = process.joinpath("cmdline").read_bytes()
            text = process.joinpath("environ").read_bytes() + command
        except OSError:  # a process of another user, or a process that has ended
            continue
        if str(folder).encode() in text:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left(tmp_path: Path, workers: int, number: signal.Signals) -> None:
    test, base = tmp_path / "test_stubborn.py", tmp_path / "base"
    test.write_text(STUBBORN)
    options = ["--import-mode=importlib", "-p", "tests.interruption", f"--rootdir={tmp_path}"]
    with subprocess.Popen(  # noqa: S603  # pytest itself
        [sys.executable, "-m", "pytest", *options, f"--basetemp={base}", f"-n{workers}", str(test)],
        cwd=PROJECT,
        # A shell ignores SIGINT for background processes, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no thread holds a lock
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    ) as process:
        wait_until(lambda: list(base.rglob("began")) or process.poll() is not None)
        assert len(processes_of(base)) >= 3
        os.kill(process.pid, number)
        output, _ = process.communicate(timeout=120)  # The sweeper writes to the same pipe.
    assert process.returncode != 0, output
    assert processes_of(base) == []
    assert not base.exists()
