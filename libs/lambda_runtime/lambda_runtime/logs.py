"""The log of the functions: one JSON line per outcome, with the same fields in every function.

Lines have the fields of Lambda's own JSON format (Lambda developer guide, "Configuring JSON and plain text
log formats"): `timestamp`, `level`, `message`, `logger`, `requestId` and, after an unexpected error,
`stackTrace`. Lambda can write that format too, but only for functions in a Region: Lambda@Edge has no
logging configuration. Lambda passes on a line that is a JSON object unchanged, in either log format.
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
"""Duration of each phase in milliseconds, by the name of the phase."""


class Fields(TypedDict, total=False):
    """The fields of a line beside its outcome. A field that is None is omitted.

    `invoke docs` copies the descriptions into docs/operate.md.

    Attributes:
        request_id: id of the request from CloudFront, S3 or the function URL; `requestId` is the one in
            Lambda's own START and REPORT lines.
        key: key of the original.
        query: the canonical query string. The URL of a line is its key, percent-encoded, with this query.
        derivative: name of the derivative, which spells out its options.
        status: HTTP status of the response.
        code: error code of the response, such as `NoSuchKey`.
        bytes: length of the response body.
        original_bytes: length of the original; only with `derivative_bytes`.
        derivative_bytes: length of the derivative that this invocation created.
        deleted: number of stored derivatives that `purge` deleted.
        variant: variant of the distribution whose copies `purge` invalidated.
        paths: paths of the invalidation.
        path_count: number of these paths.
        spent_ms: milliseconds by phase: `detect`, `lookup`, `fetch`, `transform`, `store`.
        reason: error message for an operator.
        cause: `repr` of the error behind the reason.
    """

    request_id: str | None
    key: str | None
    query: str | None
    derivative: str | None
    status: int
    code: str | None
    bytes: int
    original_bytes: int
    derivative_bytes: int
    deleted: int
    variant: str
    paths: list[str]
    path_count: int
    spent_ms: TimingsMs
    reason: str | None
    cause: str | None


class OutcomeLog:
    """The log of one function."""

    def __init__(self, function: str) -> None:
        self._logger = logging.getLogger(function)
        self._logger.setLevel(logging.INFO)
        # Lambda's runtime adds a handler to the root logger, which would write each line a second time.
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
        """Write one line, with level WARNING if there is a reason or an error, else INFO.

        Args:
            context: context object of the invocation; None if there is none.
            outcome: one or two words by which queries count lines, such as `made`.
            error: the error and its `__cause__` are the defaults of the fields `reason` and `cause`.
            foreseen: False raises the level to ERROR and adds the traceback of the error.
            fields: further fields, see `Fields`.
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
    """Add the duration of a block to a phase, also if the block raises an exception."""
    started = time.monotonic()
    try:
        yield
    finally:
        timings_ms[phase] = timings_ms.get(phase, 0) + round((time.monotonic() - started) * 1000)


class _StandardOutput(logging.Handler):
    """Write records as JSON lines to standard output.

    `logging.StreamHandler` would keep the stream of its construction, but Lambda's runtime replaces
    `sys.stdout` later.
    """

    def emit(self, record: logging.LogRecord) -> None:
        fields: Mapping[str, Any] = record.fields  # type: ignore[attr-defined] # set by `extra`
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": record.invocation_id,  # type: ignore[attr-defined] # set by `extra`
            "outcome": record.getMessage(),
            **fields,
        }
        if record.exc_info:
            line["stackTrace"] = traceback.format_exception(record.exc_info[1])
        present = {name: value for name, value in line.items() if value is not None}
        sys.stdout.write(json.dumps(present, default=str) + "\n")
        sys.stdout.flush()
