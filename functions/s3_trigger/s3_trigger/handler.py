"""Entry point for S3 events and tasks of S3 Batch Operations."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from batch_operations import ResultCode, is_batch_event, make_response, parse_task
from botocore.config import Config
from derivatives import connect_queue
from image_core import ImageError
from lambda_runtime import Deadline, Fields, LambdaRuntimeError, OutcomeLog

from s3_trigger.derive import Outcome, Work, process_object
from s3_trigger.errors import RecordsFailedError, TriggerError
from s3_trigger.events import ObjectRef, is_test_event, list_records, parse_record
from s3_trigger.settings import Settings, read_settings
from s3_trigger.store import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Time to store the last derivative and to return the response, and to return the response alone.
_MARGIN_SECONDS = 3.0
_RESPONSE_MARGIN_SECONDS = 1.0

_log = OutcomeLog("s3_trigger")


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Process every object of an S3 event, or the task of S3 Batch Operations.

    Returns:
        `{"outcomes": {key: outcome}}`, or the response for S3 Batch Operations.

    Raises:
        RecordsFailedError: some records failed. Lambda retries the event, then sends it to the failure queue.
            A retry skips up-to-date derivatives.
        EventError, BatchEventError, SettingsError: no object could be processed.
    """
    if is_test_event(event):
        return {"outcomes": {}}
    settings = read_settings(os.environ)
    return (_process_batch if is_batch_event(event) else _process_records)(event, settings, context)


def _process_records(event: Any, settings: Settings, context: Any) -> dict[str, Any]:
    records = list_records(event)
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for number, record in enumerate(records, 1):
        name = f"record {number}"
        fields: Fields = {"spent_ms": {}}
        try:
            ref = parse_record(record)
            name = ref.key
            deadline = _share_time(context, records=len(records) - number + 1)
            outcomes[name] = _process(ref, settings, deadline, fields, context)
        except Exception as error:  # noqa: BLE001 - an unexpected error must not stop the other records
            reasons[name] = _log_failure(name, error, fields, context)
    if reasons:
        raise RecordsFailedError(reasons, len(records))
    return {"outcomes": outcomes}


def _process_batch(event: Any, settings: Settings, context: Any) -> dict[str, Any]:
    task = parse_task(event)
    fields: Fields = {"spent_ms": {}}
    try:
        ref = ObjectRef(bucket=task.bucket, key=task.key)
        text: str = _process(ref, settings, _share_time(context), fields, context)
        code = ResultCode.SUCCEEDED
    except Exception as error:  # noqa: BLE001 - the report names the error; a failed invocation would stop the job
        text = _log_failure(task.key, error, fields, context)
        is_transient = getattr(error, "transient", False)
        code = ResultCode.TEMPORARY_FAILURE if is_transient else ResultCode.PERMANENT_FAILURE
    return make_response(task, code, text)


def _share_time(context: Any, records: int = 1) -> Deadline:
    """Return the deadline after an equal share of the time that is left for the remaining records."""
    last = Deadline.of_invocation(context, margin_seconds=_MARGIN_SECONDS)
    return Deadline.after(last.remaining_seconds() / records)


@cache
def s3_client() -> "S3Client":
    """Return the S3 client, with connections that stay open between invocations."""
    config = Config(connect_timeout=3, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4})
    return boto3.client("s3", config=config)


def _process(ref: ObjectRef, settings: Settings, deadline: Deadline, fields: Fields, context: Any) -> Outcome:
    """Process one object and log the outcome."""
    work = Work(
        settings=settings,
        source=Bucket(s3_client(), settings.source_bucket),
        destination=Bucket(s3_client(), settings.destination_bucket),
        purge_queue=connect_queue(
            settings.purge_queue_url,
            settings.source_bucket,
            os.environ,
            Deadline.of_invocation(context, margin_seconds=_RESPONSE_MARGIN_SECONDS),
        )
        if settings.purge_queue_url
        else None,
        deadline=deadline,
        fields=fields,
    )
    outcome = process_object(ref, work)
    fields["key"] = ref.key
    _log.write(context, outcome, **fields)
    return outcome


def _log_failure(name: str, error: Exception, fields: Fields, context: Any) -> str:
    """Log an error; return the reason for the report or the failure queue."""
    foreseen = isinstance(error, ImageError | LambdaRuntimeError | TriggerError)
    reason = str(error) if foreseen else repr(error)
    failure: Fields = {**fields, "key": name, "reason": reason}
    _log.write(context, "failed", error=error, foreseen=foreseen, **failure)
    return reason
