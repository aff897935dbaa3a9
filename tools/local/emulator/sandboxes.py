"""Bridge for the sandboxes of functions, compared with MiniStack 1.5.33.

MiniStack kills all sandboxes of a function, busy ones included, when the function is changed, and when one
sandbox fails to start. A sandbox that is killed at its start counts as such a failure and ends the others,
until the events of all invocations have used up their retries. Lambda ends no running invocation for either
reason: the invocation finishes with the code and the settings with which it began.
"""

from collections.abc import Callable, Iterable
from functools import partial
from weakref import WeakSet

from ministack.core import lambda_runtime  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.services import lambda_svc  # type: ignore[import-untyped]  # as above

_retired: WeakSet[lambda_runtime.Worker] = WeakSet()
"""Busy sandboxes that no further invocation uses."""


def install() -> None:
    """Patch MiniStack with the functions of this module. Call once, before the emulator serves."""
    kill = lambda_runtime.kill_workers
    lambda_runtime.kill_workers = partial(_kill_idle, kill)
    lambda_svc.release_worker = partial(_release, lambda_svc.release_worker, kill)


def _kill_idle(original: Callable[..., None], workers: Iterable[lambda_runtime.Worker]) -> None:
    """Kill idle sandboxes that MiniStack has removed from its pool, and retire the busy ones."""
    idle = []
    with lambda_runtime._lock:  # noqa: SLF001  # there is no public way in
        for worker in workers:
            if worker.in_use:
                _retired.add(worker)
            else:
                idle.append(worker)
    original(idle)


def _release(
    original: Callable[..., None], kill: Callable[..., None], worker: lambda_runtime.Worker | None
) -> None:
    original(worker)
    if worker in _retired:
        _retired.discard(worker)
        kill([worker])
