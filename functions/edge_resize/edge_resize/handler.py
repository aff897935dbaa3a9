"""Entry point of the function: parse the event, do the work before Lambda's timeout, write the log."""

# ruff: noqa: E402 - the other imports follow a statement
import gc

# Collections during the imports would find no garbage and take 4 ms of a cold start.
gc.disable()

import os
from typing import Any

from derivation import Plan
from edge_event import (
    EdgeResult,
    EventError,
    OriginRequest,
    internal_error,
    parse_origin_request,
    pass_to_s3,
    replace_key,
)
from lambda_runtime import Deadline, Fields, OutcomeLog, OutOfTimeError, SettingsError, Task
from s3_http import S3Error, connect_bucket

from edge_resize.derive import Outcome, ensure_derivative
from edge_resize.plan import is_image_as_is, make_plan
from edge_resize.responses import respond_to_error
from edge_resize.settings import Settings, read_settings

# S3 requests and the transform end a second before Lambda's timeout.
_WORK_MARGIN_SECONDS = 1.0
# Work without a deadline, such as a DNS lookup, is abandoned half a second before the timeout.
_TASK_MARGIN_SECONDS = 0.5
# Time limit of a lookup that is not necessary: without its result, the request is passed on unchanged.
_LOOKUP_SECONDS = 2.0

_log = OutcomeLog("edge_resize")


def lambda_handler(event: Any, context: Any) -> EdgeResult:
    """Return the result for an origin-request event of CloudFront. No exception leaves the function.

    The result is the request for the derivative, the request for the object itself if there are no options,
    or an error. Permanent errors are cached for a minute; transient ones and redirects are not cached.
    """
    fields: Fields = {}
    try:
        request = parse_origin_request(event)
        fields["request_id"], fields["key"] = request.request_id, request.key
        fields["query"] = request.querystring or None
        settings = read_settings(request, os.environ)
    except (EventError, SettingsError) as error:
        # No redirect to the original, because a setting decides whether viewers may get it.
        _log.write(context, "failed", error=error, **fields)
        return internal_error()
    try:
        return _respond(request, settings, context, fields)
    except Exception as error:  # noqa: BLE001 - CloudFront would respond to an exception with a 502 of its own
        response = respond_to_error(error, request, settings)
        if response.reason:
            fields["reason"] = response.reason
        _log.write(context, response.outcome, error=error, foreseen=response.foreseen, **fields)
        return response.result


def _respond(request: OriginRequest, settings: Settings, context: Any, fields: Fields) -> EdgeResult:
    """Return the result for a request, and add the fields for the log to `fields`."""
    plan = make_plan(request, settings)
    if plan is None:
        return pass_to_s3(request, _find_cache_control(request, settings))
    fields["derivative"] = plan.name
    outcome = _ensure_derivative(plan, settings, context, fields)
    _log.write(context, outcome, **fields)
    # The original is requested without a query string, too: a `versionId` could name another version than the
    # one whose content was checked.
    return replace_key(request, plan.original_key if outcome is Outcome.NO_IMAGE else plan.derivative_key)


def _find_cache_control(request: OriginRequest, settings: Settings) -> str | None:
    """Return the Cache-Control for an original that has neither Cache-Control nor Expires; None for others.

    The header has to be requested in advance: no function receives the response of S3, and a response headers
    policy of CloudFront would add the header to errors, too. After an error the result is None, and the
    viewer gets S3's own response.
    """
    key = request.key
    if key is None or not is_image_as_is(request, settings):
        return None
    deadline = Deadline.after(_LOOKUP_SECONDS)
    s3 = connect_bucket(settings.bucket_name, settings.bucket_region, os.environ, deadline)
    try:
        original = Task(lambda: s3.head(key)).result(deadline)
    except (OutOfTimeError, S3Error):
        return None
    return None if original.cache_control or original.expires else settings.cache_control


def _ensure_derivative(plan: Plan, settings: Settings, context: Any, fields: Fields) -> Outcome:
    deadline = Deadline.of_invocation(context, margin_seconds=_WORK_MARGIN_SECONDS)
    s3 = connect_bucket(settings.bucket_name, settings.bucket_region, os.environ, deadline)
    task = Task(lambda: ensure_derivative(plan, s3, deadline, fields, confirms=settings.purge_on_change))
    return task.result(Deadline.of_invocation(context, margin_seconds=_TASK_MARGIN_SECONDS))


# Imported objects are never freed, so collections need not visit them.
gc.freeze()
gc.enable()
