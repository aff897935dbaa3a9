"""Entry points for the function URL and S3 Batch Operations: work before Lambda's timeout, and the log."""

import os
import time
from typing import Any

from batch_operations import ResultCode, is_batch_event, make_response, parse_task
from derivatives import connect_queue
from lambda_runtime import Deadline, Fields, OutcomeLog, Task
from s3_http import connect_bucket

from regional_resize.batch import list_paths, select_code
from regional_resize.derive import Buckets, Derived, Outcome, ensure_derivative
from regional_resize.requests import check_method, make_plan, parse_request
from regional_resize.responses import Result, respond, respond_to_error
from regional_resize.settings import read_settings

# The transform ends three seconds before Lambda's timeout, so that there is time to store the derivative, and
# the requests to S3 end one second before.
_TRANSFORM_MARGIN_SECONDS = 3.0
_S3_MARGIN_SECONDS = 1.0
# Work without a deadline, such as a DNS lookup, is abandoned half a second before the timeout.
_TASK_MARGIN_SECONDS = 0.5

_log = OutcomeLog("regional_resize")


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Respond to a request through the function URL, or run a task of S3 Batch Operations.

    Returns:
        The response in payload format 2.0, or the response for S3 Batch Operations.

    Raises:
        EventError, BatchEventError: the event is from another service, or has another format.
    """
    return _run_task(event, context) if is_batch_event(event) else _respond(event, context)


def _respond(event: Any, context: Any) -> dict[str, Any]:
    request = parse_request(event)
    fields: Fields = {"request_id": request.request_id, "key": request.path}
    try:
        check_method(request)
        result = respond(_derive(request.path, context, fields), request, time.time())
    except Exception as error:  # noqa: BLE001 - Lambda would respond to an exception with a 502 of its own
        result = respond_to_error(error, request.resource)
    fields["status"] = result.payload["statusCode"]
    _write_log(result, fields, context)
    return result.payload


def _run_task(event: Any, context: Any) -> dict[str, Any]:
    task = parse_task(event)
    fields: Fields = {"key": task.key}
    try:
        outcomes = []
        for path in list_paths(task, read_settings(os.environ).bucket_name):
            fields = {"key": task.key}
            outcomes.append(_derive(path, context, fields).outcome)
            _log.write(context, outcomes[-1], **fields)
        text = Outcome.MADE if Outcome.MADE in outcomes else Outcome.FOUND
        return make_response(task, ResultCode.SUCCEEDED, text)
    except Exception as error:  # noqa: BLE001 - the report names the error; a failed invocation would stop the job
        result = respond_to_error(error, f"/{task.key}")
        _write_log(result, fields, context)
        return make_response(task, select_code(error), result.reason or str(error))


def _write_log(result: Result, fields: Fields, context: Any) -> None:
    fields["code"] = result.code
    if result.reason:
        fields["reason"] = result.reason
    _log.write(context, result.outcome, error=result.error, foreseen=result.foreseen, **fields)


def _derive(path: str, context: Any, fields: Fields) -> Derived:
    """Find or create the derivative that a path names, before Lambda's timeout.

    `fields` receives the log fields.
    """
    settings = read_settings(os.environ)
    plan = make_plan(path, settings)
    fields["key"], fields["derivative"] = plan.original_key, plan.name
    s3_deadline = Deadline.of_invocation(context, margin_seconds=_S3_MARGIN_SECONDS)
    buckets = Buckets(
        originals=connect_bucket(settings.bucket_name, settings.region, os.environ, s3_deadline),
        derivatives=connect_bucket(
            settings.derivatives_bucket_name, settings.region, os.environ, s3_deadline
        ),
        purge_queue=connect_queue(settings.purge_queue_url, settings.bucket_name, os.environ, s3_deadline)
        if settings.purge_queue_url
        else None,
        expiration_days=settings.derivative_expiration_days,
    )
    deadline = Deadline.of_invocation(context, margin_seconds=_TRANSFORM_MARGIN_SECONDS)
    task = Task(lambda: ensure_derivative(plan, buckets, deadline, fields))
    return task.result(Deadline.of_invocation(context, margin_seconds=_TASK_MARGIN_SECONDS))
