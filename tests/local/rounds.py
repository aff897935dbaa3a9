"""Repeated `invoke up` and `invoke down`, and a search for files, processes and ports that remain.

`python -m tests.local.rounds 20` runs 20 rounds as a user with a backend and a profile.
"""

import os
import re
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.local.foreign_account import ForeignAccount, foreign_account


def list_files(user: ForeignAccount) -> set[str]:
    """Return all files in the folder of a user, except bytecode."""
    folder = user.project.parent
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if "__pycache__" not in path.parts
    }


def list_processes(folder: Path) -> list[str]:
    """Return the processes that name a folder in their environment or command line, as all of a stack do."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = process.joinpath("environ").read_bytes() + process.joinpath("cmdline").read_bytes()
        except OSError:  # a process of another user, or a process that has ended
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


def find_leftovers(user: ForeignAccount, files: set[str], ports: set[int]) -> list[str]:
    """Return processes, ports and files that did not exist before."""
    return [
        *(f"process {process}" for process in list_processes(user.project.parent)),
        *(f"port {port}" for port in listening(ports)),
        *(f"file {name}" for name in sorted(list_files(user) ^ files)),
        *user.traces(),
    ]


def invoke(user: ForeignAccount, *arguments: str) -> str:
    """Run a task as the user."""
    result = subprocess.run(  # noqa: S603  # our own tasks
        [sys.executable, "-P", "tools/program.py", *arguments],
        cwd=user.project,
        env=user.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def run_rounds(user: ForeignAccount, rounds: int, *options: str) -> list[str]:
    """Start and stop a stack several times.

    Returns:
        A line for each leftover.
    """
    found = []
    files = list_files(user)
    for number in range(1, rounds + 1):
        output = invoke(user, "up", "--detach", *options)
        ports = {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", output)}
        assert listening(ports) == ports
        invoke(user, "down")
        left = find_leftovers(user, files, ports)
        found += [f"round {number}: {thing}" for thing in left]
        sys.stdout.write("\n  ".join([f"round {number}: {len(left)} left behind", *left]) + "\n")
        sys.stdout.flush()
    return found


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, foreign_account(Path(name)) as account:
        sys.exit(len(run_rounds(account, int(sys.argv[1]), *sys.argv[2:])))
