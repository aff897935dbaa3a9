"""The peak memory of a process does not include that of its parent."""

import signal
import subprocess
import sys

from tools.fuzz.limits import MEMORY_BYTES


def test_the_peak_of_the_parent_does_not_count() -> None:
    large = bytearray(b"x") * MEMORY_BYTES
    code = "from tools.fuzz.limits import peak_bytes; print(peak_bytes())"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own code
    assert len(large) == MEMORY_BYTES
    assert 0 < int(ended.stdout) < MEMORY_BYTES // 4


def test_the_limit_of_cpu_time_ends_the_process() -> None:
    code = "from tools.fuzz.limits import limit_cpu\nlimit_cpu(60)\nlimit_cpu(1)\nwhile True: pass"
    ended = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603  # our own code
    assert ended.returncode == -signal.SIGPROF
