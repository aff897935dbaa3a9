"""The reaper kills the process group of a leader that ended."""

import os
import signal
import subprocess
import sys
import time

from tools.paths import PROJECT

LEADER = """
import subprocess, sys
from tools.local.serve import start_reaper

start_reaper()
child = "from signal import *; signal(SIGTERM, SIG_IGN); print(flush=True); pause()"
with subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE) as process:
    process.stdout.readline()
    print("ready", flush=True)
    sys.stdin.readline()
"""


def processes_of(group: int) -> list[str]:
    command = ["ps", "-ww", "-e", "-o", "pgid=,stat=,args="]
    lines = [line.split(None, 2) for line in subprocess.check_output(command, text=True).splitlines()]  # noqa: S603  # no outside input
    return [args for pgid, stat, args in lines if int(pgid) == group and stat[0] != "Z"]


def test_the_group_of_a_killed_leader_is_killed() -> None:
    with subprocess.Popen(  # noqa: S603  # the program above
        [sys.executable, "-c", LEADER],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as leader:
        assert leader.stdout is not None
        assert leader.stdout.readline() == b"ready\n"
        assert len(processes_of(leader.pid)) == 2
        os.kill(leader.pid, signal.SIGKILL)
        deadline = time.monotonic() + 60
        while processes_of(leader.pid):
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_a_leader_keeps_its_exit_code() -> None:
    program = "from tools.local.serve import start_reaper; start_reaper(); raise SystemExit(3)"
    ended = subprocess.run(  # noqa: S603  # the program above
        [sys.executable, "-c", program], cwd=PROJECT, start_new_session=True, check=False
    )
    assert ended.returncode == 3
