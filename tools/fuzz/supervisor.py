"""The place of one worker: the process in it is watched, and replaced when it dies."""

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
from tools.paths import PROJECT
from tools.process import DEVNULL, Process, start

ENVIRONMENT = PROJECT / ".venv-fuzz"

_LAST_WORDS = 30  # lines of a process that died
_MAX_DEATHS = 5  # then they are all alike


@dataclass(frozen=True, kw_only=True)
class Budget:
    """When it is enough: after the executions or the seconds, whichever is first."""

    executions: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is fuzzed.

    Attributes:
        checks: the module with the targets and their checks.
        regressions: where the files of findings go.
        hang_seconds: after so long an execution is given up.
    """

    checks: str = "tools.fuzz.targets"
    regressions: Path = PROJECT / "tests" / "libs" / "regressions"
    hang_seconds: float = HANG_SECONDS


@dataclass(kw_only=True)
class WorkerSlot:
    """A worker and those that follow it.

    Attributes:
        folder: their corpus, record, log and findings.
        seed: of the process; each has another one.
        budget: of all of them together.
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
        """Executions so far."""
        return self.record.counts.total()

    def start(self) -> None:
        """Begin, or go on where the last process stopped: with its corpus, and with other mutations."""
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
        """See to the process: end it if it hangs, replace it if it died. Whether one is still at work."""
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
            self._see_why(code, known=bool(written))
            self.seed += 1
            self._deaths += 1
            if self._has_more_to_do():
                self.start()
        return self._process is not None

    def _has_more_to_do(self) -> bool:
        return (
            self._deaths < _MAX_DEATHS
            and self.tried < self.budget.executions
            and time.monotonic() < self._until
        )

    def stop(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def _end_hanging(self, process: Process) -> None:
        """Let it say where it is, then kill it: what hangs in C listens to nothing else."""
        process.send_signal(signal.SIGUSR1)
        time.sleep(1)
        process.kill()
        process.wait()

    def _see_why(self, code: int, *, known: bool) -> None:
        ended = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        words = (self.folder / "log").read_text(errors="replace").splitlines()[-_LAST_WORDS:]
        told = "\n".join([*words, f"The process ended with {ended}."])
        data = self.record.data
        if data is not None:
            self.findings.append(keep(self.plan.regressions, self.target, data, told))
            counts = self.record.counts
            counts["finding"] += 1
            self.record.end(counts)
        elif not known:
            raise ToolError(f"The fuzzer does not run:\n{told}")


def environment() -> dict[str, str]:
    """What the processes need that import the libraries."""
    places = [PROJECT, *sorted(PROJECT.glob("libs/*/")), *ENVIRONMENT.glob("lib/*/site-packages")]
    # Hashes of strings decide the order of sets. What is left to chance are addresses in memory.
    return os.environ | {"PYTHONPATH": os.pathsep.join(map(str, places)), "PYTHONHASHSEED": "0"}
