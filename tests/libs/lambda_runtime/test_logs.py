"""The lines of the log, as CloudWatch gets them."""

import json
import re
from typing import Any, NamedTuple

import pytest
from lambda_runtime import OutcomeLog, measure


class Context(NamedTuple):
    """What Lambda hands to a handler."""

    aws_request_id: str = "8f5f3f4e"


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the one line that was written."""
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_has_the_fields_of_lambdas_own_format(capsys: pytest.CaptureFixture[str]) -> None:
    OutcomeLog("edge_resize").write(Context(), "made", key="a.jpg", spent_ms={"lookup": 3}, size=None)
    line = written(capsys)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line.pop("timestamp"))
    assert line == {
        "level": "INFO",
        "message": "made",
        "logger": "edge_resize",
        "requestId": "8f5f3f4e",
        "outcome": "made",
        "key": "a.jpg",
        "spent_ms": {"lookup": 3},
    }


def test_an_error_is_the_reason_and_its_cause_the_cause(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("too wide")
    error.__cause__ = OSError("truncated")
    OutcomeLog("x").write(Context(), "refused", error=error)
    line = written(capsys)
    assert line["level"] == "WARNING"
    assert line["reason"] == "ValueError('too wide')"
    assert line["cause"] == "OSError('truncated')"
    assert "stackTrace" not in line


def test_an_unforeseen_error_has_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    log = OutcomeLog("x")
    try:
        [].pop()
    except IndexError as error:
        log.write(Context(), "failed", error=error, foreseen=False)
    line = written(capsys)
    assert line["level"] == "ERROR"
    assert "[].pop()" in "".join(line["stackTrace"])


def test_a_line_without_a_context(capsys: pytest.CaptureFixture[str]) -> None:
    OutcomeLog("x").write(None, "failed", reason="no event")
    line = written(capsys)
    assert "requestId" not in line
    assert (line["level"], line["reason"]) == ("WARNING", "no event")


def test_a_line_is_written_once_however_often_the_log_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    OutcomeLog("x")
    OutcomeLog("x").write(None, "made")
    written(capsys)


def test_phases_that_come_again_add_up() -> None:
    timings_ms = {"lookup": 1_000_000}
    for phase in ("lookup", "fetch"):
        with measure(timings_ms, phase):
            pass
    assert list(timings_ms) == ["lookup", "fetch"]
    assert timings_ms["lookup"] >= 1_000_000


def test_a_phase_that_fails_counts() -> None:
    timings_ms: dict[str, int] = {}
    with pytest.raises(ZeroDivisionError), measure(timings_ms, "transform"):
        _ = 1 / 0
    assert "transform" in timings_ms
