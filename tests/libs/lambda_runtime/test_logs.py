"""Log lines as a function writes them to standard output."""

import json
import re
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from lambda_runtime import OutcomeLog, measure


class Context(NamedTuple):
    """A context object of Lambda."""

    aws_request_id: str = "8f5f3f4e"


def read_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the only line of the log."""
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_a_line_has_the_fields_of_lambdas_own_format(capsys: pytest.CaptureFixture[str]) -> None:
    OutcomeLog("edge_resize").write(Context(), "made", key="a.jpg", spent_ms={"lookup": 3}, query=None)
    line = read_line(capsys)
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


def test_an_error_gives_reason_and_cause(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("too wide")
    error.__cause__ = OSError("truncated")
    OutcomeLog("x").write(Context(), "refused", error=error, key="a.jpg")
    line = read_line(capsys)
    assert line["level"] == "WARNING"
    assert line["reason"] == "ValueError('too wide')"
    assert line["cause"] == "OSError('truncated')"
    assert line["key"] == "a.jpg"
    assert "stackTrace" not in line


def test_an_unexpected_error_has_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    log = OutcomeLog("x")
    try:
        [].pop()
    except IndexError as error:
        log.write(Context(), "failed", error=error, foreseen=False)
    line = read_line(capsys)
    assert line["level"] == "ERROR"
    assert "cause" not in line
    assert "[].pop()" in "".join(line["stackTrace"])


def test_without_a_context_there_is_no_request_id(capsys: pytest.CaptureFixture[str]) -> None:
    OutcomeLog("x").write(None, "failed", reason="no event")
    line = read_line(capsys)
    assert "requestId" not in line
    assert (line["level"], line["reason"]) == ("WARNING", "no event")


def test_two_logs_of_one_function_write_a_line_once(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    OutcomeLog("x")
    OutcomeLog("x").write(None, "made")
    read_line(capsys)
    assert caplog.records == []  # the root logger, to which Lambda's runtime adds a handler


def test_durations_of_a_repeated_phase_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([1, 1.25, 2, 2.0306, 3, 3.5])
    monkeypatch.setattr("lambda_runtime.logs.time", SimpleNamespace(monotonic=lambda: next(clock)))
    timings_ms: dict[str, int] = {}
    for phase in ("lookup", "fetch", "lookup"):
        with measure(timings_ms, phase):
            pass
    assert timings_ms == {"lookup": 750, "fetch": 31}


def test_a_phase_that_raises_is_measured() -> None:
    timings_ms: dict[str, int] = {}
    with pytest.raises(ZeroDivisionError), measure(timings_ms, "transform"):
        _ = 1 / 0
    assert "transform" in timings_ms
