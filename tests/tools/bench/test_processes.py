import hashlib
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from tests.libs.lambda_runtime.processes import needs_proc
from tools.bench.processes import list_processes, measure_cpu_seconds, measure_resident_bytes
from tools.process import PIPE, Process, start

pytestmark = needs_proc

# A process with a child that works for a while and ends, and another that waits.
SCRIPT = """
import hashlib, subprocess, sys
subprocess.run([sys.executable, "-c", "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 1_000_000)"])
waiting = subprocess.Popen(["sleep", "60"])
print(waiting.pid, flush=True)
waiting.wait()
"""


@pytest.fixture
def process() -> Iterator[tuple[Process, int]]:
    """The process and the id of its waiting child."""
    process = start([sys.executable, "-c", SCRIPT], stdout=PIPE)
    assert process.stdout
    child = int(process.stdout.readline())
    yield process, child
    os.kill(child, signal.SIGKILL)
    process.communicate()


def test_a_process_counts_with_its_descendants(process: tuple[Process, int]) -> None:
    parent, child = process
    assert list_processes(parent.pid) == {parent.pid, child}
    assert measure_resident_bytes(parent.pid) > measure_resident_bytes(child) > 0


def test_the_processor_time_of_ended_children_counts(process: tuple[Process, int]) -> None:
    parent, child = process
    before = os.times()
    hashlib.pbkdf2_hmac("sha256", b"", b"", 1_000_000)
    expected = os.times().user - before.user
    assert measure_cpu_seconds(parent.pid) > expected / 4
    assert measure_cpu_seconds(child) < expected / 4
