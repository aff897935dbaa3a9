"""Calls and processor time of one event, from the committed measurements."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("measurements.json")
"""Measurements that `invoke cost --measure` wrote, with their date."""

MEMORY_GIGABYTES = 1769 / 1024
"""The default of the variable `memory_size`: one vCPU."""
S3_SECONDS = 0.025
"""Assumed time of a round trip between a function and S3. AWS documents 100 to 200 ms for the first byte at
most uses ("Performance design patterns for Amazon S3"); small objects take less inside a Region."""
LOG_EVENT_BYTES = 26
"""CloudWatch Logs adds this to the bytes of each line ("PutLogEvents")."""

ROUND_TRIPS: Mapping[str, Mapping[str, int]] = {
    "edge_resize": {"hit": 1, "make": 3},
    "object_lambda": {"make": 1},
    "regional_resize": {"hit": 0, "make": 4},
    "s3_trigger": {"hit": 0, "make": 4},
}
"""Round trips to S3, one after the other, for a derivative that exists and for one that is made."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """Work for one origin request, or for one upload.

    Attributes:
        runs: runs of the function.
        cpu_seconds: processor time of the function.
        reads: GETs and HEADs of S3, by the function and by CloudFront.
        writes: PUTs of S3.
        log_bytes: bytes of the log, with the lines START, END and REPORT of Lambda.
    """

    runs: float
    cpu_seconds: float
    reads: float
    writes: float
    log_bytes: float


def load_events() -> Mapping[str, Mapping[str, Event]]:
    """Return variant => `hit` and `make` => event."""
    document = json.loads(FILE.read_text("utf-8"))
    return {
        variant: {name: Event(**event) for name, event in events.items()}
        for variant, events in document["events"].items()
    }


def read_date() -> str:
    """Return the date of the measurements."""
    return str(json.loads(FILE.read_text("utf-8"))["date"])


def billed_seconds(variant: str, name: str, event: Event) -> float:
    """Return the billed duration of all runs of an event."""
    return event.cpu_seconds + ROUND_TRIPS[variant][name] * S3_SECONDS if event.runs else 0.0
