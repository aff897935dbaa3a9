"""Fuzz one target after the other with one worker per core, and report the findings."""

import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.console import ToolError, step
from tools.environment import install
from tools.fuzz.findings import Finding
from tools.fuzz.supervisor import ENVIRONMENT, Budget, Plan, WorkerSlot
from tools.paths import PROJECT
from tools.process import CommandError

TARGETS = ("image_core", "image_metadata")
LOCK = PROJECT / "requirements-fuzz.txt"

_UNLIMITED = 10**9
_POLL_SECONDS = 0.25
_PROGRESS_SECONDS = 10.0


def fuzz(targets: Sequence[str], *, minutes: int, executions: int, seed: int) -> None:
    """Fuzz with all cores and print the outcomes.

    Args:
        targets: names from `TARGETS`, fuzzed in this order. Empty: all targets.
        minutes: duration for all targets together; 0: unlimited. If executions is 0 too: one minute.
        executions: number of files for each target; 0: unlimited.
        seed: seed of the mutations. Another seed makes other files.

    Raises:
        ToolError: there are findings, or atheris cannot be installed or started.
    """
    if min(minutes, executions, seed) < 0:
        raise ToolError("--minutes, --executions and --seed take a whole number of 0 or more.")
    targets = targets or TARGETS
    if unknown := set(targets) - set(TARGETS):
        raise ToolError(f"{', '.join(sorted(unknown))} cannot be fuzzed; there are {' and '.join(TARGETS)}.")
    _install()
    budget = _budget(minutes, executions, len(targets))
    findings: list[Finding] = []
    for target in targets:
        print(f"{target}, seed {seed}", flush=True)
        counts, found = run(Plan(), target, budget=budget, seed=seed)
        findings += found
        outcomes = ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
        print(f"  {counts.total():,} executions: {outcomes}", flush=True)
    if findings:
        reports = [f"{finding.path.relative_to(PROJECT)}: {finding.report}" for finding in findings]
        again = "./invokew test --only tests/libs/test_regressions.py"
        raise ToolError("\n\n".join([*reports, f"{len(findings)} findings, which are tests now: {again}"]))
    print("No findings.", flush=True)


def run(plan: Plan, target: str, *, budget: Budget, seed: int) -> tuple[Counter[str], list[Finding]]:
    """Fuzz one target; return the number of executions by outcome, and the findings."""
    with _slots(plan, target, budget, seed) as slots:
        printed = time.monotonic()
        while sum(slot.poll() for slot in slots):  # a sum polls every slot, any() would stop at the first
            time.sleep(_POLL_SECONDS)
            if time.monotonic() - printed > _PROGRESS_SECONDS:
                printed = time.monotonic()
                print(f"  {sum(slot.tried for slot in slots):,} executions", flush=True)
        counts = sum((slot.record.counts for slot in slots), Counter[str]())
        return counts, [finding for slot in slots for finding in slot.findings]


@contextmanager
def _slots(plan: Plan, target: str, budget: Budget, seed: int) -> Iterator[list[WorkerSlot]]:
    workers = os.process_cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        slots = [
            WorkerSlot(
                plan=plan,
                target=target,
                folder=Path(folder) / str(number),
                seed=10_000 * seed + 100 * number + 1,  # far apart, because a slot increments its seed
                budget=Budget(executions=-(-budget.executions // workers), seconds=budget.seconds),
            )
            for number in range(workers)
        ]
        try:
            for slot in slots:
                slot.start()
            yield slots
        finally:
            for slot in slots:
                slot.stop()


def _install() -> None:
    try:
        with step("atheris"):
            install(ENVIRONMENT, LOCK)
    except CommandError as error:
        raise ToolError(f"atheris could not be installed: {error.words}") from error


def _budget(minutes: int, executions: int, targets: int) -> Budget:
    if not minutes and not executions:
        minutes = 1
    seconds = 60 * minutes / targets if minutes else _UNLIMITED
    return Budget(executions=executions or _UNLIMITED, seconds=seconds)
