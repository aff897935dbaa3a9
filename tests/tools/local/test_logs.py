"""Log files of the local stack: full ones are replaced, and requests are counted across the replacement."""

import logging
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest

from tools.console import ToolError
from tools.load.running_stack import Mark, RunningStack
from tools.local.logs import open_log, previous_log, rotate_output
from tools.local.state import StateFolder

LINE = "[2026-11-30 18:00:00 +0000] [7] [INFO] "


def test_a_log_keeps_its_last_lines(tmp_path: Path) -> None:
    path = tmp_path / "requests.log"
    path.write_text("of an earlier stack")
    handler = open_log(path, "%(message)s", max_bytes=1_000)
    for number in range(1_000):
        handler.handle(logging.makeLogRecord({"msg": f"line {number:03}"}))
    handler.close()
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} == {"requests.log", "requests.log.1"}
    assert sum(file.stat().st_size for file in files) < 2_000
    assert (previous_log(path).read_text() + path.read_text()).splitlines()[-100:] == [
        f"line {number:03}" for number in range(900, 1_000)
    ]


def test_the_output_of_a_process_is_continued_in_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "emulator.log"
    with path.open("ab") as output:
        program = "for number in range(100): print(f'line {number:02}', flush=number % 10 == 9)"
        subprocess.check_call([sys.executable, "-c", program], stdout=output)  # noqa: S603
        rotate_output(path, max_bytes=800)
        assert path.stat().st_size == 800  # 100 lines of 8 bytes
        rotate_output(path, max_bytes=799)
        subprocess.check_call([sys.executable, "-c", "print('the next line')"], stdout=output)
    assert path.read_text() == "the next line\n"
    assert previous_log(path).read_text().splitlines()[-1] == "line 99"


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunningStack:
    client = Mock(**{"list_buckets.return_value": {"Buckets": [{"Name": "images"}]}})
    monkeypatch.setattr(RunningStack, "client", lambda *_: client)
    return RunningStack(state=StateFolder(tmp_path), pid=1, edge_urls={}, emulator_url="http://127.0.0.1:1")


@pytest.mark.parametrize("since_then", [1, 100])  # the new log is shorter, and longer, than the old one was
def test_requests_are_counted_across_a_full_log(stack: RunningStack, since_then: int) -> None:
    log = stack.state.request_log
    log.write_text(f"{LINE}GET 127.0.0.1:1 /images/before.jpg\n" * 3)
    mark = stack.mark()
    with log.open("a") as file:
        file.write(f"{LINE}HEAD 127.0.0.1:1 /images/a.jpg\n")
    log.rename(previous_log(log))
    log.write_text(f"{LINE}PUT 127.0.0.1:1 /images/a\n" * since_then)
    assert stack.read_s3_requests(mark) == {"HEAD": 1, "PUT": since_then}


def test_a_log_that_was_overwritten_is_an_error(stack: RunningStack) -> None:
    for path in (previous_log(stack.state.request_log), stack.state.request_log):
        path.touch()
    with pytest.raises(ToolError, match="Too many requests"):
        stack.read_s3_requests(Mark(milliseconds=0, inode=0, position=0))
