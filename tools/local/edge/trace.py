"""The steps of a request through the edge, for the playground."""

import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_MAX_TRACES = 1_000


@dataclass(kw_only=True)
class Step:
    """A step of a request.

    Attributes:
        kind: `viewer_function`, `cache`, `function` or `origin`.
        name: name of the function, or host name of the origin.
        result: outcome of the step, such as the changed URL or a status.
        start_ms: milliseconds since the arrival of the request.
        duration_ms: duration in milliseconds.
    """

    kind: str
    name: str
    start_ms: float
    result: str = "failed"
    duration_ms: float = 0.0


@dataclass(frozen=True)
class _Trace:
    started: float
    steps: list[Step]


_current: ContextVar[_Trace | None] = ContextVar("trace", default=None)


class Traces:
    """Traces of the latest requests by their X-Amz-Cf-Id. Other threads may read traces."""

    def __init__(self) -> None:
        self._steps: OrderedDict[str, list[Step]] = OrderedDict()

    def start(self, request_id: str) -> None:
        """Record the steps of the current task, and of tasks that it creates, under a request ID."""
        steps = self._steps[request_id] = []
        _current.set(_Trace(time.perf_counter(), steps))
        if len(self._steps) > _MAX_TRACES:
            self._steps.popitem(last=False)

    def find(self, request_id: str) -> list[Step]:
        """Return the steps of a request in the order of their beginning; empty if the request is unknown."""
        return list(self._steps.get(request_id, []))


@contextmanager
def trace_step(kind: str, name: str = "") -> Iterator[Step]:
    """Record a step. The caller sets the result of the step. A step without a result has failed."""
    trace = _current.get()
    started = time.perf_counter()
    step = Step(kind=kind, name=name, start_ms=0.0)
    if trace is not None:
        step.start_ms = 1000 * (started - trace.started)
        trace.steps.append(step)
    try:
        yield step
    finally:
        step.duration_ms = 1000 * (time.perf_counter() - started)
