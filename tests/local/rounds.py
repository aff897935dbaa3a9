"""Starts of `invoke up` with `invoke down` in between, and what each of them leaves behind.

`python -m tests.local.rounds 20` does it for as many rounds as given, as a user with a backend and a profile.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.local.foreign_account import ForeignAccount, foreign_account


def files_of(user: ForeignAccount) -> set[str]:
    """Everything in the folder of a user, without bytecode."""
    folder = user.project.parent
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if "__pycache__" not in path.parts
    }


def processes_of(folder: Path) -> list[str]:
    """Processes that name a folder in their environment or command line: all that a stack of it starts."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = process.joinpath("environ").read_bytes() + process.joinpath("cmdline").read_bytes()
        except OSError:  # another user's, or gone
            continue
        if str(folder).encode() in text and int(process.name) != os.getpid():
            found.append(f"{process.name} {process.joinpath('comm').read_text().strip()}")
    return found


def listening(ports: set[int]) -> set[int]:
    found = set()
    for port in ports:
        with socket.socket() as probe:
            found |= {port} if probe.connect_ex(("127.0.0.1", port)) == 0 else set()
    return found


def leftovers(user: ForeignAccount, files: set[str], ports: set[int]) -> list[str]:
    """Whatever is there that was not there before."""
    return [
        *(f"process {process}" for process in processes_of(user.project.parent)),
        *(f"port {port}" for port in listening(ports)),
        *(f"file {name}" for name in sorted(files_of(user) ^ files)),
        *user.traces(),
    ]


def invoke(user: ForeignAccount, *arguments: str) -> str:
    """Run a task as the user."""
    ended = subprocess.run(  # noqa: S603  # our own tasks
        [sys.executable, "-m", "invoke", *arguments],
        cwd=user.project,
        env=user.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def run_rounds(user: ForeignAccount, rounds: int, *options: str) -> list[str]:
    """Start and stop a stack so many times.

    Returns:
        One line for each thing that was left after a round.
    """
    found = []
    files = files_of(user)
    for number in range(1, rounds + 1):
        output = invoke(user, "up", "--detach", *options)
        ports = {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", output)}
        assert listening(ports) == ports
        invoke(user, "down")
        left = leftovers(user, files, ports)
        found += [f"round {number}: {thing}" for thing in left]
        sys.stdout.write("\n  ".join([f"round {number}: {len(left)} left behind", *left]) + "\n")
        sys.stdout.flush()
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, foreign_account(Path(name)) as account:
        sys.exit(len(run_rounds(account, int(sys.argv[1]), *sys.argv[2:])))
