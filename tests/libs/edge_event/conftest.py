"""Events for the tests of this library."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

type Load = Callable[..., dict[str, Any]]

EVENTS = Path(__file__).parents[2] / "events"


@pytest.fixture
def load() -> Load:
    """Load an event of `tests/events`; keyword arguments replace members of its request."""

    def load_event(name: str = "origin-request", **changes: Any) -> dict[str, Any]:
        event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
        event["Records"][0]["cf"]["request"].update(changes)
        return event

    return load_event
