"""The log: one line of JSON for each outcome, with the same fields in every function.

The lines have the fields of Lambda's own JSON format (Lambda developer guide, "Configuring JSON and plain
text log formats"): `timestamp`, `level`, `message`, `logger`, `requestId` and, after an unforeseen error,
`stackTrace`. Lambda would write that format itself, but for functions in a Region only: those of Lambda@Edge
have no logging configuration. A line that is a JSON object passes through unchanged, whichever format is
configured.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypedDict, Unpack

type TimingsMs = dict[str, int]
"""Duration of each phase in milliseconds, by its name."""


class Fields(TypedDict, total=False):
    """What a line says beside its outcome. A field without a value is left out.

    Attributes:
        request_id: of the request that CloudFront, S3 or a function URL passed on; `requestId` is Lambda's.
        key: of the original.
        size: the requested size, by its name.
        status: of the HTTP response.
        code: of an error response, such as `NoSuchKey`.
        bytes: of the body of the response.
        spent_ms: milliseconds by phase: `detect`, `lookup`, `fetch`, `transform`, `store`, or their `total`.
        reason: why there is no image, for an operator.
        cause: the error that led to the reason.
    """

    request_id: str | None
    key: str | None
    size: str | None
    status: int
    code: str | None
    bytes: int
    spent_ms: TimingsMs
    reason: str | None
    cause: str | None


class OutcomeLog:
    """The log of a function."""

    def __init__(self, function: str) -> None:
        self._logger = logging.getLogger(function)
        self._logger.setLevel(logging.INFO)
        self._logger.propagate = False
        self._logger.handlers = [_StandardOutput()]

    def write(
        self,
        context: Any,
        outcome: str,
        *,
        error: BaseException | None = None,
        foreseen: bool = True,
        **fields: Unpack[Fields],
    ) -> None:
        """Write a line, with the level WARNING if there is a reason or an error.

        Args:
            context: what Lambda hands to the handler beside the event.
            outcome: one or two words, by which lines are counted.
            error: is the reason, and its cause the cause, where the fields name no other.
            foreseen: False writes the traceback of the error, with the level ERROR.
            fields: see `Fields`.
        """
        if error:
            cause = repr(error.__cause__) if error.__cause__ else None
            fields = {"reason": repr(error), "cause": cause, **fields}
        level = logging.WARNING if fields.get("reason") else logging.INFO
        self._logger.log(
            level if foreseen else logging.ERROR,
            outcome,
            exc_info=None if foreseen else error,
            extra={"invocation_id": getattr(context, "aws_request_id", None), "fields": fields},
        )


@contextmanager
def measure(timings_ms: TimingsMs, phase: str) -> Iterator[None]:
    """Add the duration of a block to the timings, under the name of a phase."""
    started = time.monotonic()
    try:
        yield
    finally:
        timings_ms[phase] = timings_ms.get(phase, 0) + round((time.monotonic() - started) * 1000)


class _StandardOutput(logging.Handler):
    """Writes to standard output as it is at that moment: Lambda's runtime replaces it."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: Mapping[str, Any] = record.fields  # type: ignore[attr-defined] # `extra` set it
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": record.invocation_id,  # type: ignore[attr-defined] # the same
            "outcome": record.getMessage(),
            **fields,
        }
        if record.exc_info:
            line["stackTrace"] = traceback.format_exception(record.exc_info[1])
        present = {name: value for name, value in line.items() if value is not None}
        sys.stdout.write(json.dumps(present, default=str) + "\n")
        sys.stdout.flush()
