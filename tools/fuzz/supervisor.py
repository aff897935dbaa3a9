"""Supervision of workers: start the process, end it if it hangs, replace it if it dies."""

import os
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tools.console import ToolError
from tools.fuzz.findings import Finding, collect_findings, keep
from tools.fuzz.limits import HANG_SECONDS
from tools.fuzz.record import Record
from tools.paths import PACKAGES, PROJECT
from tools.process import DEVNULL, Process, clean_environment, start

ENVIRONMENT = PROJECT / ".venv-fuzz"

_REPORT_LINES = 30  # last lines of the log of a process that died
_MAX_DEATHS = 5  # further deaths would have the same cause


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Limit of a campaign: executions or seconds, whichever is reached first."""

    executions: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Configuration of a campaign.

    Attributes:
        checks: name of the module that defines the checks.
        regressions: folder for the files of findings.
        hang_seconds: wall time of one execution after which the process is ended.
    """

    checks: str = "tools.fuzz.targets"
    regressions: Path = PROJECT / "tests" / "libs" / "regressions"
    hang_seconds: float = HANG_SECONDS


@dataclass(kw_only=True)
class WorkerSlot:
    """Runs one worker at a time, and starts another one when it dies.

    Attributes:
        plan: configuration of the campaign.
        target: name of the library to fuzz.
        folder: corpus, record, log and findings of the workers.
        seed: seed of the current worker, incremented for each further one.
        budget: limit for all workers of this slot together.
        findings: findings so far.
    """

    plan: Plan
    target: str
    folder: Path
    seed: int
    budget: Budget
    findings: list[Finding] = field(default_factory=list)
    _until: float = 0.0
    _deaths: int = 0
    _process: Process | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.record = Record(self.folder / "record")

    @property
    def tried(self) -> int:
        """Number of executions so far."""
        return self.record.executions

    def start(self) -> None:
        """Start a worker. A further worker continues with the corpus of the last one and another seed."""
        self._until = self._until or time.monotonic() + self.budget.seconds
        options = {
            "checks": self.plan.checks,
            "target": self.target,
            "folder": self.folder,
            "seed": self.seed,
            "executions": max(1, self.budget.executions - self.tried),
            "seconds": max(1, round(self._until - time.monotonic())),
        }
        command = [sys.executable, "-m", "tools.fuzz.worker"]
        command += [f"--{name}={value}" for name, value in options.items()]
        with (self.folder / "log").open("wb") as log:
            self._process = start(
                command, cwd=PROJECT, environment=environment(), stdin=DEVNULL, stdout=log, stderr=log
            )

    def poll(self) -> bool:
        """End a worker that hangs, replace one that died. Return True if a worker is running."""
        if not self._process:
            return False
        code = self._process.poll()
        if code is None:
            began = self.record.began
            if began and time.monotonic() - began > self.plan.hang_seconds:
                self._end_hanging(self._process)
            return True
        self._process = None
        written = collect_findings(self.folder, self.plan.regressions, self.target)
        self.findings += written
        if code:
            self._report_death(code, known=bool(written))
            self.seed += 1
            self._deaths += 1
            if self._has_budget_left():
                self.start()
        return self._process is not None

    def _has_budget_left(self) -> bool:
        return (
            self._deaths < _MAX_DEATHS
            and self.tried < self.budget.executions
            and time.monotonic() < self._until
        )

    def stop(self) -> None:
        """End the worker."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _end_hanging(self, process: Process) -> None:
        """Have the worker print its stack, then kill it: code that hangs in C handles no other signal."""
        process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        process.kill()
        process.wait()

    def _report_death(self, code: int, *, known: bool) -> None:
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        lines = (
            (self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()[-_REPORT_LINES:]
        )
        report = "\n".join([*lines, f"The process ended with {ended}."])
        data = self.record.data
        if data is not None:
            self.findings.append(keep(self.plan.regressions, self.target, data, report))
            counts = self.record.counts
            counts["finding"] += 1
            self.record.end(counts)
        elif not known:
            raise ToolError(f"The fuzzer does not run:\n{report}")


def environment() -> dict[str, str]:
    """Return the environment of processes that import the libraries.

    PYTHONOPTIMIZE of the user would remove the assertions, and with them the invariants.
    """
    places = [PROJECT, *PACKAGES, *ENVIRONMENT.glob("lib/*/site-packages")]
    # The hashes of strings decide the order of sets. Only memory addresses remain random.
    return clean_environment() | {"PYTHONPATH": os.pathsep.join(map(str, places)), "PYTHONHASHSEED": "0"}
