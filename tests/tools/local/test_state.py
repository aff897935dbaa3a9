"""The lock on the folder of a stack, and the processes that a killed stack left."""

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.console import ToolError
from tools.local.logs import format_log_tail
from tools.local.state import (
    StateFolder,
    find_holder,
    kill_leftovers,
    lock_pid_file,
    read_running,
    stop_holder,
    write_pid,
)


@contextmanager
def child_with_lock(pid_file: Path, body: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that inherits the lock, as a stack does, and wait until the process is ready."""
    program = f"import signal, time\n{textwrap.dedent(body)}\nprint('ready', flush=True)\ntime.sleep(60)"
    with lock_pid_file(pid_file) as file:
        process = subprocess.Popen(  # noqa: S603  # the program above
            [sys.executable, "-c", program],
            pass_fds=[file.fileno()],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        write_pid(file, process.pid)
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_missing_file_has_no_holder(tmp_path: Path) -> None:
    assert find_holder(tmp_path / "stack.pid") is None
    assert not stop_holder(tmp_path / "stack.pid", grace_seconds=1)


def test_a_lock_names_its_process_until_the_file_is_closed(tmp_path: Path) -> None:
    pid_file = tmp_path / "made" / "stack.pid"
    with lock_pid_file(pid_file):
        assert find_holder(pid_file) == os.getpid()
        with pytest.raises(ToolError, match="running already"):
            lock_pid_file(pid_file)
    assert find_holder(pid_file) is None
    lock_pid_file(pid_file).close()


def test_the_pid_is_awaited_while_its_process_writes_it(tmp_path: Path) -> None:
    pid_file = tmp_path / "stack.pid"
    with ThreadPoolExecutor(1) as executor, lock_pid_file(pid_file) as file:
        file.truncate(0)
        found = executor.submit(find_holder, pid_file)
        time.sleep(0.2)
        write_pid(file, 7)
        assert found.result(60) == 7
        file.truncate(0)
        found = executor.submit(find_holder, pid_file)
    assert found.result(60) is None  # the process was killed before it wrote its pid


def test_a_pid_in_an_unlocked_file_is_ignored(tmp_path: Path) -> None:
    pid_file = tmp_path / "stack.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert find_holder(pid_file) is None
    assert not stop_holder(pid_file, grace_seconds=1)


def test_a_stack_that_is_removed_meanwhile_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = StateFolder(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: True)  # as before the removal
    with (
        lock_pid_file(state.stack_pid),
        pytest.raises(ToolError, match=r"No local stack is running: start one with up$"),
    ):
        read_running(state, "up")


def test_a_holder_receives_sigterm(tmp_path: Path) -> None:
    pid_file = tmp_path / "stack.pid"
    with child_with_lock(pid_file, "") as process:
        assert find_holder(pid_file) == process.pid
        assert stop_holder(pid_file, grace_seconds=60)
        assert process.wait(60) == -15
        assert find_holder(pid_file) is None


def test_a_holder_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    pid_file = tmp_path / "stack.pid"
    with child_with_lock(pid_file, "signal.signal(signal.SIGTERM, signal.SIG_IGN)") as process:
        assert stop_holder(pid_file, grace_seconds=0.2)
        assert process.wait(60) == -9


def test_only_processes_of_the_stack_are_killed(tmp_path: Path) -> None:
    state, other = StateFolder(tmp_path / "state"), StateFolder(tmp_path / "state2")
    state.terraform.mkdir(parents=True)
    homes = [state.home, state.temporary, other.home, tmp_path]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); input()"],
            cwd=state.terraform,
            env={"HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        for home in homes
    ]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    kill_leftovers(state)
    assert [process.wait(60) for process in processes[:2]] == [-9, -9]
    assert [process.poll() for process in processes[2:]] == [None, None]
    for process in processes:
        process.communicate(b"\n")


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    assert format_log_tail(log) == f"Log: {log}"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert format_log_tail(log).splitlines()[:2] == [f"Log: {log}", "  line 9985"]
    assert format_log_tail(log).endswith("  line 9999")
