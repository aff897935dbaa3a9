"""A program that measures transforms, each in a fork of itself.

The program imports the library once: the import takes longer than most of the transforms.
"""

import ctypes
import mmap
import os
import pickle
import pkgutil
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import image_core
from image_core import ImageError, Options, transform
from PIL import Image


def memory(kind: str, of: str = "status") -> int:
    """Return the memory of this process in bytes, of a kind that the file in /proc/self has."""
    lines = Path("/proc/self", of).read_text().splitlines()
    return int(next(line for line in lines if line.startswith(kind)).split()[1]) * 1024


def list_file_pages() -> list[int]:
    """Return the addresses of the readable pages of files, such as libraries, that are in memory."""
    found = []
    with Path("/proc/self/pagemap").open("rb") as pages:
        for line in Path("/proc/self/maps").read_text().splitlines():
            addresses, permissions, *_ = line.split()
            if "/" in line and permissions.startswith("r"):
                start, end = (int(address, 16) for address in addresses.split("-"))
                pages.seek(start // mmap.PAGESIZE * 8)
                entries = array("Q", pages.read((end - start) // mmap.PAGESIZE * 8))
                # The highest bit says that the page is present (Linux, admin-guide/mm/pagemap.rst).
                found += [start + at * mmap.PAGESIZE for at, entry in enumerate(entries) if entry >> 63]
    return found


def measure(path: Path, options: Options, seconds: float, tiny: bytes) -> tuple[str, float, int, int]:
    """Transform a file, and return its result and its cost.

    Args:
        path: the file.
        options: also for a transform before it, except for the box and the limits.
        seconds: CPU time until the deadline, so that other load on the machine does not count.
        tiny: file that the transform before it takes, which loads the code of decoder and encoder.

    Returns:
        size or name of the error, CPU time in seconds, peak of memory in bytes, and the bytes in it that the
        process did not have before.
    """
    data = path.read_bytes()
    transform(tiny, Options(box=None, output_format=options.output_format))
    Path("/proc/self/clear_refs").write_text("5")
    # The huge pages that the first transform left are filled again by this one.
    before = memory("VmRSS") - memory("AnonHuge", "smaps_rollup")
    started = time.process_time()
    end = started + seconds
    try:
        image = transform(data, options, lambda: end - time.process_time())
        result = f"{image.width} x {image.height}, {image.frames} frames"
    except ImageError as error:
        result = type(error).__name__
    peak = memory("VmHWM")
    return result, time.process_time() - started, peak, peak - before


def read_jobs() -> Iterator[tuple[Path, Options, float, bytes]]:
    """Yield the arguments of `measure` until the input ends."""
    with suppress(EOFError):
        while True:
            yield pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our own tests


def main() -> None:
    """Measure transforms until the input ends."""
    for module in pkgutil.iter_modules(image_core.__path__):
        import_module(f"image_core.{module.name}")
    import_module("image_metadata")
    Image.init()
    file_pages = list_file_pages()
    for job in read_jobs():
        child = os.fork()
        if not child:
            # A fork does not copy them.
            for address in file_pages:
                ctypes.string_at(address, 1)
            pickle.dump(measure(*job), sys.stdout.buffer)
            return
        if os.waitpid(child, 0)[1]:
            pickle.dump(None, sys.stdout.buffer)
            sys.stdout.flush()


main()
