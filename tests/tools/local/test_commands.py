"""Failures of `invoke up` and `invoke down`: one sentence, and no process left."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ports import free_port
from tools.console import ToolError
from tools.local import StackOptions, down, up
from tools.local.commands import _follow
from tools.local.state import StateFolder, find_holder, lock_pid_file


def emulator_listens(state: StateFolder) -> bool:
    found = re.search(r"Running on http://127\.0\.0\.1:(\d+)", state.emulator_log.read_text())
    assert found
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(found[1]))) == 0


@pytest.mark.parametrize("detach", [False, True])
def test_a_port_in_use(tmp_path: Path, *, detach: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ToolError, match=rf"^Port {port} is in use: .*--port") as raised:
            up(StackOptions(port=port, folder=tmp_path / "state"), detach=detach)
    assert raised.value.code == 1
    assert find_holder(StateFolder(tmp_path / "state").stack_pid) is None
    assert not (tmp_path / "state" / "emulator.log").exists()


def test_a_failure_is_not_announced_as_ready(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`up` may read the failure before the process ends."""
    state = StateFolder(tmp_path)
    state.stack_log.touch()
    state.result.write_text('{"error": "It broke."}', encoding="utf-8")
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1); raise SystemExit(1)"])
    with pytest.raises(ToolError, match=r"^It broke\.$"):
        _follow(state, process, detach=True)
    assert "Stop it with" not in capsys.readouterr().out


@pytest.mark.parametrize("show", [False, True])
def test_the_playground_is_opened_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, show: bool
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    state = StateFolder(tmp_path)
    state.stack_log.touch()
    state.result.write_text('{"ready": true, "playground_url": "http://127.0.0.1:8081/"}', encoding="utf-8")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        _follow(state, process, detach=True, show=show)
        process.communicate(b"\n")
    assert opened == (["http://127.0.0.1:8081/"] if show else [])


def test_terraform_is_removed_after_the_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    state = StateFolder(tmp_path / "state")
    with pytest.raises(ToolError, match=r"^Terraform is not installed"):
        up(StackOptions(port=free_port(), folder=state.path))
    assert find_holder(state.stack_pid) is None
    assert not emulator_listens(state)


def test_a_running_stack(tmp_path: Path) -> None:
    state = StateFolder(tmp_path)
    with (
        lock_pid_file(state.stack_pid),
        pytest.raises(ToolError, match=r"running already: .*\./invokew down"),
    ):
        up(StackOptions(port=free_port(), folder=tmp_path))


def test_down_without_a_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "stack.log").write_text("of a stack that ended long ago")
    down(tmp_path / "state")
    assert capsys.readouterr().out == "No local stack is running.\n"
    assert not (tmp_path / "state").exists()


def test_a_crash_without_a_result_shows_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho No module named encodings >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with pytest.raises(ToolError, match=r"^The local stack ended unexpectedly") as raised:
        up(StackOptions(port=free_port(), folder=tmp_path / "state"))
    assert "encodings" in str(raised.value.message)
