"""Events of CloudFront, and the results of edge_signer for them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from edge_signer.handler import lambda_handler

EVENTS = Path(__file__).parents[2] / "events"

type Event = dict[str, Any]


def event_of(name: str = "origin-request-object-lambda", **changes: Any) -> Event:
    """Load an event of `tests/events`; keyword arguments replace members of its request."""
    event: Event = json.loads((EVENTS / f"{name}.json").read_text())
    event["Records"][0]["cf"]["request"].update(changes)
    return event


def request_of(event: Event) -> dict[str, Any]:
    """Return the request of an event."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    return request


@dataclass
class Signer:
    """The function with credentials and a captured log."""

    capsys: pytest.CaptureFixture[str]

    def invoke(self, event: Any) -> dict[str, Any]:
        """Return the result of the function."""
        return lambda_handler(event, None)

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def signer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Signer:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "example-session")
    return Signer(capsys)
