"""Run a CloudFront Function in an embedded JavaScript engine.

Sources: CloudFront Developer Guide, "JavaScript runtime 2.0 features for CloudFront Functions", "Helper
methods for key value stores", "General helper methods" and "Quotas on CloudFront Functions".

The function is compiled once. Each request gets its own copy of the function's variables in a frozen
environment (`viewer_runtime.js`), which is 20 times faster than a new environment for each request.
"""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import quickjs

from tools.local.edge.errors import ViewerFunctionFailedError
from tools.local.edge.viewer_event import ViewerEvent

MAX_CODE_BYTES = 10_240
"""Maximum size of a function, with its comments."""
MAX_LOG_CHARACTERS = 10_240
"""Maximum size of the log of one invocation."""

_RUNTIME = Path(__file__).with_name("viewer_runtime.js")
_MEMORY_BYTES = 2 * 1024 * 1024
# CloudFront allows about 1 ms. This limit only ends endless loops, since a laptop has another speed.
_CPU_SECONDS = 0.25
# Runs of one invocation: each digest of a digest, and each read of the store, takes one more.
_MAX_RUNS = 64
_MAX_JOBS = 10_000
_IMPORT = re.compile(r"""^\s*import\s+(\w+)\s+from\s+(['"])(\w+)\2[ \t]*;?""", re.MULTILINE)

_log = logging.getLogger(__name__)


class Store(Protocol):
    """A key value store that is associated with a function."""

    async def refresh(self) -> None:
        """Read keys that changed in AWS. Called before each invocation of the function."""

    def get(self, key: str) -> str | None:
        """Return the value of a key; None if the store does not have the key."""

    def describe(self) -> Mapping[str, object]:
        """Return the fields of the helper method `meta`."""


@dataclass
class ViewerFunction:
    """A published CloudFront Function. Instances are not thread-safe.

    Attributes:
        name: name of the function, for the log.
        code: source code.
        clock: current time in seconds since the epoch.
        store: associated key value store; None if there is none.
    """

    name: str
    code: str
    clock: Callable[[], float]
    store: Store | None = None
    _engine: "_Engine | None" = field(default=None, init=False, repr=False)

    def invoke(self, event: ViewerEvent, raw_query: str | None = None) -> object:
        """Return the function's result for an event.

        Args:
            event: event of the request.
            raw_query: result of the request's method `rawQueryString`: the query string as the viewer sent
                it; None if the URL has none.

        Raises:
            ViewerFunctionFailedError: the function is invalid, threw an error or exceeded a limit.
        """
        text, now = json.dumps(event), int(self.clock() * 1000)
        options = {"now": now, "hasStore": self.store is not None, "rawQuery": raw_query}
        known: dict[str, object] = {}
        for _ in range(_MAX_RUNS):
            report = self._run(text, options | {"known": known})
            if "wanted" not in report:
                return self._finish(report, event)
            known |= {request: self._look_up(*json.loads(request)) for request in report["wanted"]}
        raise ViewerFunctionFailedError(
            f"{self.name} makes too many calls of crypto or of its key value store."
        )

    def _run(self, event: str, options: dict[str, object]) -> dict[str, Any]:
        try:
            if self._engine is None:
                self._engine = _Engine(self.code)
            return self._engine.run(event, json.dumps(options))
        except quickjs.JSException as error:
            # After an exceeded limit the engine is in no defined state.
            self._engine = None
            raise ViewerFunctionFailedError(f"{self.name}: {_first_line(error)}") from error

    def _finish(self, report: dict[str, Any], event: ViewerEvent) -> object:
        for line in "\n".join(report["logs"])[:MAX_LOG_CHARACTERS].splitlines():
            _log.info("%s %s %s", self.name, event["context"]["requestId"], line)
        if "error" in report:
            raise ViewerFunctionFailedError(f"{self.name}: {report['error']}")
        return report.get("result")

    def _look_up(self, kind: str, *arguments: Any) -> object:
        if kind == "hash":
            algorithm, data = arguments
            return hashlib.new(algorithm, _join(data), usedforsecurity=False).hexdigest()
        if kind == "hmac":
            algorithm, key, data = arguments
            return hmac.new(_join([key]), _join(data), algorithm).hexdigest()
        if self.store is None:
            raise ViewerFunctionFailedError(f"{self.name} has no key value store.")
        if kind == "meta":
            return self.store.describe()
        value = self.store.get(arguments[0])
        return [] if value is None else [value]


class _Engine:
    """A sealed JavaScript environment with one function."""

    def __init__(self, code: str) -> None:
        if len(code.encode()) > MAX_CODE_BYTES:
            raise ViewerFunctionFailedError(f"The code has more than {MAX_CODE_BYTES} bytes.")
        context = quickjs.Context()
        context.set_memory_limit(_MEMORY_BYTES)
        context.set_time_limit(_CPU_SECONDS)
        context.eval(_RUNTIME.read_text("utf-8"))
        required = _IMPORT.sub(r"const \1 = require('\3');", code)
        context.eval(f"load(function (require) {{ 'use strict'; {required}\nreturn handler; }})")
        self._context = context
        self._start, self._report = context.get("run"), context.get("report")
        context.eval("seal()")

    def run(self, event: str, options: str) -> dict[str, Any]:
        """Run the function and the promises that it created.

        Args:
            event: event of the viewer request, as JSON.
            options: time, raw query and known lookups for `viewer_runtime.js`, as JSON.

        Returns:
            The report of `viewer_runtime.js`: `wanted` (lookups not known yet), or outcome and `logs`.

        Raises:
            quickjs.JSException: the function exceeded a limit or creates promises without end.
        """
        self._start(event, options)
        for _ in range(_MAX_JOBS):
            if not self._context.execute_pending_job():
                break
        else:
            raise quickjs.JSException("the function creates promises without end")
        report: dict[str, Any] = json.loads(self._report())
        return report


def _join(data: list[Any]) -> bytes:
    """Return the bytes of texts and of lists that contain hexadecimal digits."""
    return b"".join(
        part.encode("utf-8", "replace") if isinstance(part, str) else bytes.fromhex(part[0]) for part in data
    )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
