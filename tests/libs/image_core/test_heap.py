"""Memory of pixels stays in the process, and is mapped in huge pages."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest
from image_core.heap import prepare_heap

from tests.libs.image_core.images import file_of, load
from tools.paths import PACKAGES, SAMPLES

HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
HUGE_KB = 16 * 1024

# Page faults of a transform after the first one, and the largest mapping with advice for huge pages in KB.
CODE = """
import resource, sys, threading
from pathlib import Path
from image_core import Box, Options, transform

data = Path(sys.argv[1]).read_bytes()
faults = []

def work():
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        transform(data, Options(box=Box(width=1280, height=720)))
        faults.append(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

if sys.argv[2:]:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
else:
    work()
sizes_kb = [0]
for line in Path("/proc/self/smaps").read_text().splitlines():
    if line.startswith("Size:"):
        size_kb = int(line.split()[1])
    if line.startswith("VmFlags:") and " hg" in line:
        sizes_kb.append(size_kb)
print(min(faults[1:]), max(sizes_kb))
"""

needs_linux = pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="mappings are read from /proc")


def measure(folder: Path, *arguments: str) -> tuple[int, int]:
    """Return page faults and kilobytes of a process that transforms a progressive JPEG of 4 megapixels."""
    photograph = load((SAMPLES / "wine-tall.jpg").read_bytes())
    original = folder / "original"
    original.write_bytes(file_of(photograph, "JPEG", progressive=True, subsampling=0))
    run = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-c", CODE, str(original), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PACKAGES))},
        capture_output=True,
        text=True,
        check=True,
    )
    faults, size_kb = map(int, run.stdout.split())
    return faults, size_kb


@needs_linux
def test_a_later_transform_gets_no_new_memory_from_the_kernel(tmp_path: Path) -> None:
    faults, size_kb = measure(tmp_path)

    # Without the preparation: 8,600.
    assert faults < 200
    if HUGE_PAGES.exists():
        assert size_kb >= HUGE_KB


@needs_linux
def test_a_thread_transforms_too(tmp_path: Path) -> None:
    _, size_kb = measure(tmp_path, "thread")

    if HUGE_PAGES.exists():
        assert size_kb >= HUGE_KB


def test_another_library_than_glibc_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())

    prepare_heap()
