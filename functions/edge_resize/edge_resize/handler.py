"""The entry point: an origin-request event in, a request or a redirect out, never an exception."""

import json
import os
import sys
import traceback
from functools import cache
from typing import Any

from edge_event import (
    Answer,
    EventError,
    OriginRequest,
    failure,
    parse_origin_request,
    redirect_to_original,
    same_key,
    with_key,
)
from image_core import ImageError
from lambda_runtime import ChildDiedError, OutOfTimeError, Task
from s3_http import ConnectionPool, Deadline, S3Client, S3Error, bucket_address, tls_context
from sigv4 import Credentials

from edge_resize.derive import Milliseconds, find_or_make
from edge_resize.errors import SettingsError
from edge_resize.plan import Plan, is_settled, make_plan
from edge_resize.settings import Settings, read_settings

# S3 and the picture get all of the time limit but the last second. What no deadline reaches, such as a name
# server that does not answer, gets all but the last half.
_MARGIN_SECONDS = 1.0
_TASK_MARGIN_SECONDS = 0.5


def lambda_handler(event: Any, context: Any) -> Answer:
    """Answer an origin-request event of CloudFront.

    Returns:
        The request for the derivative; the request as it came, where there is none to be made; a redirect to
        the original, not to be cached, where something does not work at the moment.
    """
    try:
        request = parse_origin_request(event)
    except EventError as error:
        _log("failed", reason=str(error))
        return failure()
    try:
        return _answer(request, context)
    except Exception:  # noqa: BLE001 - whatever it is: the viewer gets the picture, and caches do not keep it
        _log("redirected", request_id=request.request_id, reason=traceback.format_exc())
        return redirect_to_original(request)


def _answer(request: OriginRequest, context: Any) -> Answer:
    try:
        settings = read_settings(request, os.environ)
    except SettingsError as error:
        _log("passed", request_id=request.request_id, reason="settings", problems=error.problems)
        return same_key(request)
    plan = make_plan(request, settings)
    return _serve(plan, settings, request, context) if plan else same_key(request)


def _serve(plan: Plan, settings: Settings, request: OriginRequest, context: Any) -> Answer:
    spent: Milliseconds = {}
    seen = {
        "request_id": request.request_id,
        "key": plan.original_key,
        "size": plan.size_name,
        "spent_ms": spent,
    }
    try:
        outcome = _carry_out(plan, settings, context, spent)
    except (ChildDiedError, ImageError, OutOfTimeError, S3Error) as error:
        settled = is_settled(error)
        cause = error.__cause__ and repr(error.__cause__)
        _log("passed" if settled else "redirected", **seen, reason=repr(error), cause=cause)
        return same_key(request) if settled else redirect_to_original(request)
    _log(outcome, **seen)
    return with_key(request, plan.derivative_key)


def _carry_out(plan: Plan, settings: Settings, context: Any, spent: Milliseconds) -> str:
    remaining_seconds = context.get_remaining_time_in_millis() / 1000
    deadline = Deadline.after(remaining_seconds - _MARGIN_SECONDS)
    s3 = S3Client(
        connections(
            settings.bucket_name,
            settings.bucket_region,
            os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL"),
            os.environ.get("AWS_CA_BUNDLE"),
        ),
        credentials=_credentials(),
        region=settings.bucket_region,
        deadline=deadline,
    )
    task = Task(lambda: find_or_make(plan, s3, deadline, spent))
    return task.result(max(0.0, remaining_seconds - _TASK_MARGIN_SECONDS))


@cache
def connections(bucket: str, region: str, endpoint_url: str | None, ca_file: str | None) -> ConnectionPool:
    """The connections to a bucket; they outlive the invocation."""
    return ConnectionPool(
        bucket_address(bucket, region=region, endpoint_url=endpoint_url), tls_context(ca_file)
    )


def _credentials() -> Credentials:
    """The role's credentials as they are now: Lambda renews them."""
    return Credentials(
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        session_token=os.environ.get("AWS_SESSION_TOKEN"),
    )


def _log(outcome: str, **fields: Any) -> None:
    """One line of JSON, which Logs Insights reads by field; `logging` would put words before it."""
    sys.stdout.write(json.dumps({"outcome": outcome, **fields}) + "\n")
    sys.stdout.flush()
