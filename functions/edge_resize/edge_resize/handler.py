"""The entry point: an origin-request event in, a request or a response out, never an exception."""

import os
from functools import cache
from typing import Any

from edge_event import (
    EdgeResult,
    EventError,
    OriginRequest,
    internal_error,
    parse_origin_request,
    pass_to_s3,
    permanent_error,
    redirect_to_original,
    replace_key,
    transient_error,
)
from lambda_runtime import (
    Deadline,
    Fields,
    OutcomeLog,
    OutOfTimeError,
    SettingsError,
    Task,
    TimingsMs,
    read_credentials,
    read_s3_endpoint_url,
)
from s3_http import ConnectionPool, S3Client, S3Error, bucket_address, tls_context

from edge_resize.derive import Outcome, find_or_make
from edge_resize.plan import Plan, make_plan
from edge_resize.refusals import refusal_of
from edge_resize.settings import Originals, Settings, read_settings

# S3 and the picture get all of the time limit but the last second. What no deadline reaches, such as a name
# server that does not answer, gets all but the last half.
_MARGIN_SECONDS = 1.0
_TASK_MARGIN_SECONDS = 0.5

_log = OutcomeLog("edge_resize")


def lambda_handler(event: Any, context: Any) -> EdgeResult:
    """Handle an origin-request event of CloudFront.

    Returns:
        The request for the derivative, or for the object itself where the request has no options; an error
        that is cached for a minute, where the image cannot be made; where something does not work at the
        moment, an error or a redirect to the original, not to be cached.
    """
    try:
        request = parse_origin_request(event)
    except EventError as error:
        _log.write(context, "failed", error=error)
        return internal_error()
    seen: Fields = {"request_id": request.request_id, "key": request.key}
    try:
        settings = read_settings(request, os.environ)
    except SettingsError as error:
        # Whether originals may be served as they are is a setting too.
        _log.write(context, "failed", error=error, **seen)
        return internal_error()
    try:
        return _answer(request, settings, context, seen)
    except Exception as error:  # noqa: BLE001 - no exception leaves the function, and no cache keeps an unknown one
        return _answer_to(error, request, settings, context, seen)


def _answer(request: OriginRequest, settings: Settings, context: Any, seen: Fields) -> EdgeResult:
    """Handle a request; the fields for the log go into `seen`."""
    plan = make_plan(request, settings)
    if plan is None:
        return pass_to_s3(request)
    timings_ms: TimingsMs = {}
    seen["size"], seen["spent_ms"] = plan.size_name, timings_ms
    outcome = _carry_out(plan, settings, context, timings_ms)
    _log.write(context, outcome, **seen)
    # Without the query string: it could name another version of the object than the one that was looked at.
    return replace_key(request, plan.original_key if outcome is Outcome.NO_IMAGE else plan.derivative_key)


def _answer_to(
    error: Exception, request: OriginRequest, settings: Settings, context: Any, seen: Fields
) -> EdgeResult:
    if refused := refusal_of(error):
        _log.write(context, "refused", error=error, **seen)
        return permanent_error(int(refused.status), refused.code, refused.sentence)
    foreseen = isinstance(error, OutOfTimeError | S3Error)
    # A redirect to the original names the same URL where the request has no options.
    if settings.originals is Originals.AS_IS and request.querystring:
        _log.write(context, "redirected", error=error, foreseen=foreseen, **seen)
        return redirect_to_original(request)
    _log.write(context, "failed", error=error, foreseen=foreseen, **seen)
    return transient_error()


def _carry_out(plan: Plan, settings: Settings, context: Any, timings_ms: TimingsMs) -> Outcome:
    deadline = Deadline.of_invocation(context, margin_seconds=_MARGIN_SECONDS)
    s3 = S3Client(
        connections(
            settings.bucket_name,
            settings.bucket_region,
            read_s3_endpoint_url(os.environ),
            os.environ.get("AWS_CA_BUNDLE"),
        ),
        credentials=read_credentials(os.environ),
        region=settings.bucket_region,
        deadline=deadline,
    )
    task = Task(lambda: find_or_make(plan, s3, deadline, timings_ms))
    return task.result(Deadline.of_invocation(context, margin_seconds=_TASK_MARGIN_SECONDS))


@cache
def connections(bucket: str, region: str, endpoint_url: str | None, ca_file: str | None) -> ConnectionPool:
    """The connections to a bucket; they outlive the invocation."""
    return ConnectionPool(
        bucket_address(bucket, region=region, endpoint_url=endpoint_url), tls_context(ca_file)
    )
