"""The process that fuzzes: atheris makes files, a check tries them, and a record counts the outcomes."""

import argparse
import faulthandler
import hashlib
import importlib
import os
import resource
import signal
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools.fuzz.limits import (
    BURN_SECONDS,
    MEMORY_BYTES,
    SLOW_SECONDS,
    TooMuchMemory,
    TooSlow,
    limit_cpu,
    peak_bytes,
)
from tools.fuzz.minimise import minimise
from tools.fuzz.record import Record
from tools.paths import PROJECT

_INSTRUMENTED = ["PIL", "image_core", "image_format", "image_metadata"]
_ADDRESS_SPACE_BYTES = 4 * MEMORY_BYTES  # so that no file can exhaust the memory of the machine
_MAX_BYTES = 60_000


class Worker:
    """Tries files and writes findings.

    Args:
        check: returns the outcome of a file. Any exception is a finding.
        target: name of the library, with which the files of findings begin.
        folder: folder for the findings and the record.
    """

    def __init__(self, check: Callable[[bytes], str], target: str, folder: Path) -> None:
        self._check = check
        self._target = target
        self._folder = folder
        self._record = Record(folder / "record")
        self._counts = self._record.counts
        self._known: set[str] = set()

    def one_input(self, data: bytes) -> None:
        """Try one file. The first finding of each kind is written to the folder."""
        self._record.begin(data)
        try:
            self._counts[self._outcome(data)] += 1
        except Exception as error:  # noqa: BLE001 - any exception is a finding
            self._counts["finding"] += 1
            self._keep(data, error)
        self._record.end(self._counts)

    def _outcome(self, data: bytes) -> str:
        """Return the outcome of a file: `image`, or the name of the error.

        Raises:
            Exception: a finding.
        """
        began = time.process_time()
        limit_cpu(BURN_SECONDS)
        outcome = self._check(data)
        if time.process_time() - began > SLOW_SECONDS:
            raise TooSlow(f"more than {SLOW_SECONDS} s of CPU time")
        if peak_bytes() > MEMORY_BYTES:
            raise TooMuchMemory(f"a peak of more than {MEMORY_BYTES >> 20} MB")
        return outcome

    def _keep(self, data: bytes, error: Exception) -> None:
        if _kind(error) in self._known:
            return
        self._known.add(_kind(error))
        shorter = minimise(data, lambda other: self._same(other, error)) if _is_quick(error) else data
        path = self._folder / f"{self._target}-{hashlib.sha256(shorter).hexdigest()[:12]}"
        path.with_suffix(".file").write_bytes(shorter)
        # Written last: the supervisor keeps the files that have a report, also of a killed process.
        report = "".join(traceback.format_exception(error))
        path.with_suffix(".txt").write_text(report, encoding="utf-8")
        if isinstance(error, TooMuchMemory):
            self._record.end(self._counts)
            os._exit(1)  # the peak of a process never falls, so another process has to continue

    def _same(self, data: bytes, error: Exception) -> bool:
        try:
            self._outcome(data)
        except Exception as other:  # noqa: BLE001
            return _kind(other) == _kind(error)
        return False


def _kind(error: Exception) -> str:
    """Return the type and place of an error, which are equal for equal findings."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {where.filename}:{where.lineno}"


def _is_quick(error: Exception) -> bool:
    return not isinstance(error, TooSlow | TooMuchMemory)


def main() -> None:
    """Fuzz until the executions or the seconds are used up."""
    options = _options()
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)  # prints the stack of a process that hangs
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    atheris = importlib.import_module("atheris")  # installed in the environment of the fuzzer alone
    with atheris.instrument_imports(include=_INSTRUMENTED):
        checks = importlib.import_module(options.checks)
    mutate = importlib.import_module("tools.fuzz.mutate")
    seeds = list(importlib.import_module("tools.fuzz.seeds").seeds(PROJECT))
    corpus = options.folder / "corpus"
    if not corpus.exists():  # the corpus of a process that died may hold the file that killed it
        corpus.mkdir()
        for number, data in enumerate(seeds):
            (corpus / f"seed-{number:03}").write_bytes(data)

    def mutate_bytes(data: bytes, max_bytes: int) -> bytes:
        # Looked up on each call, because atheris replaces the function when fuzzing starts.
        changed: bytes = atheris.Mutate(data, max_bytes)
        return changed

    mutator = mutate.Mutator(seeds, mutate_bytes)
    worker = Worker(partial(checks.check_one, options.target), options.target, options.folder)
    atheris.Setup(["fuzz", *_flags(options), str(corpus)], worker.one_input, custom_mutator=mutator)
    atheris.Fuzz()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--checks", required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--executions", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    return parser.parse_args()


def _flags(options: argparse.Namespace) -> list[str]:
    """Return the flags of libFuzzer.

    Its own limits of time and memory are off, because they count whole seconds and all memory.
    """
    flags = {
        "seed": options.seed,
        "runs": options.executions,
        "max_total_time": options.seconds,
        "mutate_depth": 2,  # deeper mutations hardly ever decode
        "max_len": _MAX_BYTES,
        "rss_limit_mb": 0,
        "timeout": 3_600,
        "handle_segv": 0,  # faulthandler handles it
        "handle_abrt": 0,
        "reload": 0,  # no other process writes to the corpus
        "artifact_prefix": f"{options.folder}/",
    }
    return [f"-{name}={value}" for name, value in flags.items()]


if __name__ == "__main__":
    main()
