"""Every fault is found, and the campaign continues."""

import sys
from pathlib import Path

import pytest

from tools.console import ToolError
from tools.environment import is_installed
from tools.fuzz.campaign import LOCK, fuzz, run
from tools.fuzz.supervisor import ENVIRONMENT, Budget, Plan, environment
from tools.process import start

# Tests download nothing; `invoke fuzz` creates the environment.
needs_atheris = pytest.mark.skipif(
    not is_installed(ENVIRONMENT, LOCK),
    reason="run `invoke fuzz` first: atheris is not installed",
)


@needs_atheris
@pytest.mark.parametrize(
    ("target", "last_line"),
    [
        ("raises", "ZeroDivisionError"),
        ("crashes", "The process ended with SIGSEGV."),
        ("exits", "The process ended with exit code 3."),
        ("hangs", "The process ended with SIGKILL."),
        ("is slow", "tools.fuzz.limits.TooSlow: more than 3 s of CPU time"),
        ("burns", "The process ended with SIGPROF."),
        ("grows", "tools.fuzz.limits.TooMuchMemory: a peak of more than 512 MB"),
    ],
)
def test_a_fault_is_found(target: str, last_line: str, tmp_path: Path) -> None:
    plan = Plan(
        checks="tests.tools.fuzz.faulty", regressions=tmp_path, hang_seconds=1 if target == "hangs" else 600
    )
    counts, findings = run(plan, target, budget=Budget(executions=10, seconds=5), seed=1)

    assert counts["finding"] > 0
    assert findings[0].report.strip().splitlines()[-1] == last_line
    assert findings[0].path.read_bytes().startswith(b"GIF")
    assert findings[0].path.parent == tmp_path


@needs_atheris
def test_a_sound_library_has_no_findings(tmp_path: Path) -> None:
    plan = Plan(checks="tests.tools.fuzz.faulty", regressions=tmp_path)
    counts, findings = run(plan, "is sound", budget=Budget(executions=100, seconds=60), seed=1)

    assert counts == {"image": counts.total()}
    assert counts.total() >= 100
    assert findings == []
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_target() -> None:
    with pytest.raises(
        ToolError, match=r"^sigv4 cannot be fuzzed; there are image_core and image_metadata\.$"
    ):
        fuzz(["sigv4"], minutes=1, executions=0, seed=1)


def test_no_variable_of_the_user_steers_the_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONOPTIMIZE", "1")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    process = start(
        [sys.executable, "-c", "import sys, warnings; warnings.warn('kept'); sys.exit(5 * __debug__)"],
        environment=environment(),
    )
    assert process.wait() == 5
