"""The function as CloudFront calls it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from edge_signer.handler import lambda_handler

EVENTS = Path(__file__).parents[2] / "events"

type Event = dict[str, Any]


def event_of(name: str = "origin-request-object-lambda", **changes: Any) -> Event:
    """An event of `tests/events`, its request changed as the keyword arguments say."""
    event: Event = json.loads((EVENTS / f"{name}.json").read_text())
    event["Records"][0]["cf"]["request"].update(changes)
    return event


def request_of(event: Event) -> dict[str, Any]:
    """The request of an event."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    return request


@dataclass
class Signer:
    """The function with credentials, and what its log says."""

    capsys: pytest.CaptureFixture[str]

    def ask(self, event: Any) -> dict[str, Any]:
        """The function's answer."""
        return lambda_handler(event, None)

    def log(self) -> list[dict[str, Any]]:
        """The lines of the log since the last call."""
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


@pytest.fixture
def signer(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Signer:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example-key")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "example-session")
    return Signer(capsys)
