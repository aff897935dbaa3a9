"""The life of a stack from `invoke up` to `invoke down`, and its leftovers."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import pytest

from tests.local.foreign_account import ForeignAccount, foreign_account
from tests.local.rounds import find_leftovers, invoke, list_files, run_rounds
from tests.local.viewer import Viewer
from tests.ports import free_port
from tools.local.deployment import isolate_from_aws
from tools.local.state import StateFolder, find_holder
from tools.paths import PROJECT
from tools.terraform import Terraform

COMMAND = """
import signal
import sys
from pathlib import Path
from invoke.exceptions import Exit
from tools.local import check_options, down, up
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores SIGINT for background processes
folder = Path(sys.argv[2])
try:
    if sys.argv[1] == "up":
        options = check_options(port=int(sys.argv[3]), folder=folder)
        up(options, detach=sys.argv[4:] == ["--detach"])
    else:
        down(folder)
except Exit as end:
    sys.exit(end.message)
"""


def start(*arguments: str, output: IO[str] | int = subprocess.PIPE) -> "subprocess.Popen[str]":
    """Start `invoke up` or `invoke down` with another folder, in a process of its own."""
    return subprocess.Popen(  # noqa: S603  # the program above
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=PROJECT,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(*arguments: str) -> tuple[int, str]:
    with start(*arguments) as process:
        output, _ = process.communicate(timeout=300)
    return process.returncode, output


def listening(ports: Sequence[int]) -> list[int]:
    found = []
    for port in ports:
        with socket.socket() as probe:
            found += [port] if probe.connect_ex(("127.0.0.1", port)) == 0 else []
    return found


def processes_of(session: int | None) -> list[str]:
    """Return the command lines in the session of the stack's process."""
    assert session
    command = ["ps", "-ww", "-s", str(session), "-o", "stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603  # a number as its argument
    return [line for line in listed.splitlines() if not line.startswith("Z")]


def emulator_of(state: StateFolder) -> int:
    """Return the pid of the emulator's guard, a child of the process that holds the folder."""
    parent = str(find_holder(state.stack_pid))
    command = ["ps", "-ww", "-o", "pid=,args=", "--ppid", parent]
    listed = subprocess.check_output(command, text=True)  # noqa: S603  # a number as its argument
    return next(int(line.split()[0]) for line in listed.splitlines() if "emulator.boot" in line)


def wait_for(word: str, log: Path) -> None:
    wait_until(lambda: word in log.read_text())


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForeignAccount]:
    with foreign_account(tmp_path_factory.mktemp("user")) as account:
        yield account


@pytest.fixture(scope="module")
def files(user: ForeignAccount) -> set[str]:
    """The user's files before the first start."""
    return list_files(user)


@pytest.fixture(scope="module")
def detached(user: ForeignAccount, files: set[str]) -> Iterator[tuple[StateFolder, int, str]]:  # noqa: ARG001  # before
    """A detached stack: its state, its port and the output of `up`."""
    state = StateFolder(user.project / ".local")
    port = free_port()
    try:
        yield state, port, invoke(user, "up", "--detach", "--port", str(port))
    finally:
        run("down", str(state.path))


def endpoint(output: str) -> str:
    found = re.search(r"AWS endpoint: (http://127\.0\.0\.1:\d+)", output)
    assert found
    return found[1]


@pytest.mark.xdist_group("lifecycle")
def test_up_prints_steps_and_example_urls(detached: tuple[StateFolder, int, str]) -> None:
    _, port, output = detached
    steps = re.findall(r"^(.+) \.\.\. \d+\.\d s$", output, re.MULTILINE)
    assert steps == [
        "Starting the AWS emulator",
        "Preparing Terraform",
        "Applying the Terraform configuration",
        steps[3],
        "Starting the edge",
        "Requesting the examples",
    ]
    assert re.fullmatch(r"Uploading \d+ images", steps[3])
    (playground,) = re.findall(r"^Playground: (http://127\.0\.0\.1:\d+)/$", output, re.MULTILINE)
    assert b"<title>edge-images playground" in Viewer(url=playground).request("/").body
    urls = re.findall(rf"http://127\.0\.0\.1:{port}/(\S+)\?(\S+)", output)
    assert len(urls) == 4
    assert urls[0] == ("sunset.jpg", "size=M&to_webp=1")
    for key, query in urls:
        assert Viewer(url=f"http://127.0.0.1:{port}").get(key, query).image().width <= 1280


@pytest.mark.xdist_group("lifecycle")
def test_the_users_state_and_account_are_not_used(
    detached: tuple[StateFolder, int, str], user: ForeignAccount
) -> None:
    """The user has a backend, a profile and environment variables for both: see foreign_account."""
    state, _, output = detached
    assert user.traces() == []
    environment = isolate_from_aws(state.home, endpoint(output))
    assert Terraform(state.terraform, environment=environment).read_state_resources()


@pytest.mark.xdist_group("lifecycle")
def test_a_second_up_is_rejected_without_effect_on_the_first(detached: tuple[StateFolder, int, str]) -> None:
    state, port, _ = detached
    code, output = run("up", str(state.path), str(free_port()))
    assert (code, output) == (1, "A local stack is running already: stop it with `./invokew down`.\n")
    assert Viewer(url=f"http://127.0.0.1:{port}").get("cat.jpg").status == 200


@pytest.mark.xdist_group("lifecycle")
def test_down_ends_every_process_and_removes_the_folder(detached: tuple[StateFolder, int, str]) -> None:
    state, port, output = detached
    emulator_port = int(endpoint(output).rpartition(":")[2])
    assert listening([port, emulator_port]) == [port, emulator_port]
    session = find_holder(state.stack_pid)
    assert processes_of(session)
    assert run("down", str(state.path)) == (0, "The local stack is stopped.\n")
    assert listening([port, emulator_port]) == []
    assert processes_of(session) == []
    assert not state.path.exists()
    assert run("down", str(state.path)) == (0, "No local stack is running.\n")


@pytest.mark.xdist_group("lifecycle")
def test_a_second_round_leaves_nothing(
    detached: tuple[StateFolder, int, str], user: ForeignAccount, files: set[str]
) -> None:
    """No process, port or file is left. `tests.local.rounds` runs more rounds."""
    _, port, output = detached
    assert find_leftovers(user, files, {port, int(endpoint(output).rpartition(":")[2])}) == []
    assert run_rounds(user, 1, "--port", str(port)) == []


@pytest.mark.xdist_group("interrupted")
def test_ctrl_c_during_the_apply_stops_all_processes(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    log = tmp_path / "output"
    with log.open("w") as output, start("up", str(state.path), str(free_port()), output=output) as process:
        wait_for("Applying", log)
        session = find_holder(state.stack_pid)
        time.sleep(1)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(120) == 0
    assert "Stopping the local stack" in log.read_text()
    assert find_holder(state.stack_pid) is None
    assert processes_of(session) == []
    assert not state.path.exists()


@pytest.mark.xdist_group("interrupted")
def test_a_killed_stack_leaves_no_process(tmp_path: Path) -> None:
    """Terraform, its providers and the emulator end without another `up` or `down`."""
    state = StateFolder(tmp_path / "state")
    log = tmp_path / "output"
    with log.open("w") as output, start("up", str(state.path), str(free_port()), output=output) as process:
        wait_for("Applying", log)
        session = find_holder(state.stack_pid)
        assert session
        wait_until(lambda: any("terraform-provider" in line for line in processes_of(session)))
        emulator = emulator_of(state)
        os.kill(session, signal.SIGKILL)
        assert process.wait(120) == 1
    wait_until(lambda: processes_of(session) == processes_of(emulator) == [])


@pytest.mark.xdist_group("interrupted")
def test_a_crash_of_the_emulator_ends_up_with_one_sentence(tmp_path: Path) -> None:
    state = StateFolder(tmp_path / "state")
    log = tmp_path / "output"
    with log.open("w") as output, start("up", str(state.path), str(free_port()), output=output) as process:
        wait_for("Applying", log)
        session = find_holder(state.stack_pid)
        os.kill(emulator_of(state), signal.SIGKILL)
        assert process.wait(120) == 1
    printed = log.read_text()
    assert f"The AWS emulator ended unexpectedly.\nLog: {state.emulator_log}\n" in printed
    assert processes_of(session) == []
