"""The entry point: an event of S3 or a task of S3 Batch Operations in; what became of it out, or an error."""

import os
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from image_core import ImageError
from lambda_runtime import Deadline, LambdaRuntimeError, OutcomeLog, TimingsMs

from s3_trigger.derive import Outcome, process
from s3_trigger.errors import RecordsFailedError, TriggerError
from s3_trigger.events import Item, is_batch, is_test, parse_batch, parse_record, records_of
from s3_trigger.settings import Settings, read_settings
from s3_trigger.store import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# For S3 to take the last derivative, and for the answer.
_MARGIN_SECONDS = 3.0

# What S3 Batch Operations writes into its report.
_LONGEST_RESULT = 1_000

_log = OutcomeLog("s3_trigger")


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer an event of S3, or S3 Batch Operations.

    Returns:
        `{"outcomes": {key: outcome}}`; for S3 Batch Operations its answer.

    Raises:
        RecordsFailedError: after all records were tried, with the keys of those that failed. Lambda tries the
            event again, and hands it to the failure queue in the end; what is done is not done again.
        EventError, SettingsError: nothing could be tried.
    """
    if is_test(event):
        return {"outcomes": {}}
    settings = read_settings(os.environ)
    return (_answer_batch if is_batch(event) else _answer_records)(event, settings, context)


def _answer_records(event: Any, settings: Settings, context: Any) -> dict[str, Any]:
    records = records_of(event)
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for number, record in enumerate(records, 1):
        name = f"record {number}"
        timings_ms: TimingsMs = {}
        try:
            item = parse_record(record)
            name = item.key
            deadline = _share(context, sharers=len(records) - number + 1)
            outcomes[name] = _process(item, settings, context, deadline, timings_ms)
        except Exception as error:  # noqa: BLE001 - whatever it is: the other records have a right to be tried
            reasons[name] = _fail(name, error, context, timings_ms)
    if reasons:
        raise RecordsFailedError(reasons, len(records))
    return {"outcomes": outcomes}


def _answer_batch(event: Any, settings: Settings, context: Any) -> dict[str, Any]:
    task = parse_batch(event)
    timings_ms: TimingsMs = {}
    try:
        text: str = _process(task.item, settings, context, _share(context), timings_ms)
        code = "Succeeded"
    except Exception as error:  # noqa: BLE001 - the report names it; a failed invocation would stop the job
        text = _fail(task.item.key, error, context, timings_ms)
        code = "TemporaryFailure" if getattr(error, "transient", False) else "PermanentFailure"
    return {
        "invocationSchemaVersion": task.schema,
        "treatMissingKeysAs": "PermanentFailure",
        "invocationId": task.invocation_id,
        "results": [{"taskId": task.task_id, "resultCode": code, "resultString": text[:_LONGEST_RESULT]}],
    }


def _share(context: Any, sharers: int = 1) -> Deadline:
    """Return the end of an equal share of the time, without what it takes to write a derivative."""
    whole = Deadline.of_invocation(context, margin_seconds=_MARGIN_SECONDS)
    return Deadline.after(whole.remaining_seconds() / sharers)


@cache
def s3_client() -> "S3Client":
    """The connections to S3; they outlive the invocation."""
    patience = Config(
        connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4}
    )
    return boto3.client("s3", config=patience)


def _process(
    item: Item, settings: Settings, context: Any, deadline: Deadline, timings_ms: TimingsMs
) -> Outcome:
    outcome = process(item, settings, partial(Bucket, s3_client()), deadline, timings_ms)
    _log.write(context, outcome, key=item.key, spent_ms=timings_ms)
    return outcome


def _fail(name: str, error: Exception, context: Any, timings_ms: TimingsMs) -> str:
    """Write an error to the log, and return the sentence that reports of failures have."""
    foreseen = isinstance(error, ImageError | LambdaRuntimeError | TriggerError)
    reason = str(error) if foreseen else repr(error)
    _log.write(
        context, "failed", error=error, foreseen=foreseen, key=name, reason=reason, spent_ms=timings_ms
    )
    return reason
