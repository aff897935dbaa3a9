"""The process that fuzzes: atheris makes files, a check tries them, the record says what came out."""

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
_ADDRESS_SPACE_BYTES = 4 * MEMORY_BYTES  # so that the machine survives what the process does not
_MAX_BYTES = 60_000


class Worker:
    """Tries files.

    Args:
        check: of a file, what came out of it; it raises what is a finding.
        target: what the files of findings are named after.
        folder: where they go, and the record.
    """

    def __init__(self, check: Callable[[bytes], str], target: str, folder: Path) -> None:
        self._check = check
        self._target = target
        self._folder = folder
        self._record = Record(folder / "record")
        self._counts = self._record.counts
        self._known: set[str] = set()

    def one_input(self, data: bytes) -> None:
        """Try one file. Findings are written to the folder, each kind once, and the search goes on."""
        self._record.begin(data)
        try:
            self._counts[self._outcome(data)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self._counts["finding"] += 1
            self._keep(data, error)
        self._record.end(self._counts)

    def _outcome(self, data: bytes) -> str:
        """Of a file: `answer`, or the name of the error with which it was refused.

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
        path.with_suffix(".txt").write_text("".join(traceback.format_exception(error)))
        path.with_suffix(".file").write_bytes(shorter)
        if isinstance(error, TooMuchMemory):
            self._record.end(self._counts)
            os._exit(1)  # the peak is the process's and stays: another one goes on

    def _same(self, data: bytes, error: Exception) -> bool:
        try:
            self._outcome(data)
        except Exception as other:  # noqa: BLE001
            return _kind(other) == _kind(error)
        return False


def _kind(error: Exception) -> str:
    """What is the same of findings that are the same."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {where.filename}:{where.lineno}"


def _is_quick(error: Exception) -> bool:
    return not isinstance(error, TooSlow | TooMuchMemory)


def main() -> None:
    """Fuzz until the executions or the seconds are over."""
    options = _options()
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)  # where a process hangs
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    atheris = importlib.import_module("atheris")  # which the environment of the tools, and of mypy, has not
    with atheris.instrument_imports(include=_INSTRUMENTED):
        checks = importlib.import_module(options.checks)
    mutate = importlib.import_module("tools.fuzz.mutate")
    seeds = list(importlib.import_module("tools.fuzz.seeds").seeds(PROJECT))
    corpus = options.folder / "corpus"
    if not corpus.exists():  # else there was another process, and some may be what it died of
        corpus.mkdir()
        for number, data in enumerate(seeds):
            (corpus / f"seed-{number:03}").write_bytes(data)

    def mutate_bytes(data: bytes, longest: int) -> bytes:
        # Looked up at each call: atheris puts another one in its place when it begins.
        changed: bytes = atheris.Mutate(data, longest)
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
    """Of libFuzzer. It could limit time and memory too, but takes them in whole seconds, and of any file."""
    flags = {
        "seed": options.seed,
        "runs": options.executions,
        "max_total_time": options.seconds,
        "mutate_depth": 2,  # more would leave little that decodes
        "max_len": _MAX_BYTES,
        "rss_limit_mb": 0,
        "timeout": 3_600,
        "handle_segv": 0,  # faulthandler does it
        "handle_abrt": 0,
        "reload": 0,  # nobody else writes to the corpus
        "artifact_prefix": f"{options.folder}/",
    }
    return [f"-{name}={value}" for name, value in flags.items()]


if __name__ == "__main__":
    main()
