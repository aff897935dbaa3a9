"""Entry point of the function: parse the event, do the work before Lambda's timeout, write the log."""

import os
import time
from functools import cache, partial
from typing import Any

from lambda_runtime import Deadline, Fields, OutcomeLog, Task, read_credentials
from s3_http import ConnectionPool, S3Client, bucket_address, tls_context

from regional_resize.derive import Buckets, Derived, ensure_derivative
from regional_resize.requests import UrlRequest, make_plan, parse_request
from regional_resize.responses import Result, respond, respond_to_error
from regional_resize.settings import Settings, read_settings

# The transform ends three seconds before Lambda's timeout, so that there is time to store the derivative.
_TRANSFORM_MARGIN_SECONDS = 3.0
_S3_MARGIN_SECONDS = 1.0
# Work without a deadline, such as a DNS lookup, is abandoned half a second before the timeout.
_TASK_MARGIN_SECONDS = 0.5

_log = OutcomeLog("regional_resize")


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Respond to a request through the function URL, and log the response.

    Raises:
        EventError: the event is from another service.
    """
    request = parse_request(event)
    fields: Fields = {"request_id": request.request_id, "key": request.path}
    result = _process(request, context, fields)
    fields |= {"status": result.payload["statusCode"], "code": result.code}
    if result.reason:
        fields["reason"] = result.reason
    _log.write(context, result.outcome, error=result.error, foreseen=result.foreseen, **fields)
    return result.payload


def _process(request: UrlRequest, context: Any, fields: Fields) -> Result:
    try:
        task = Task(partial(_derive, request, context, fields))
        derived = task.result(Deadline.of_invocation(context, margin_seconds=_TASK_MARGIN_SECONDS))
        return respond(derived, request, time.time())
    except Exception as error:  # noqa: BLE001 - Lambda would respond to an exception with a 502 of its own
        return respond_to_error(error, request)


def _derive(request: UrlRequest, context: Any, fields: Fields) -> Derived:
    """Return the derivative for a request, and add the fields for the log to `fields`."""
    settings = read_settings(os.environ)
    plan = make_plan(request, settings)
    fields["key"], fields["derivative"] = plan.original_key, plan.name
    s3_deadline = Deadline.of_invocation(context, margin_seconds=_S3_MARGIN_SECONDS)
    buckets = Buckets(
        originals=_connect(settings.bucket_name, settings, s3_deadline),
        derivatives=_connect(settings.derivatives_bucket_name, settings, s3_deadline),
    )
    deadline = Deadline.of_invocation(context, margin_seconds=_TRANSFORM_MARGIN_SECONDS)
    return ensure_derivative(plan, buckets, deadline, fields)


def _connect(bucket_name: str, settings: Settings, deadline: Deadline) -> S3Client:
    return S3Client(
        connections(bucket_name, settings.region, settings.endpoint_url, settings.ca_file),
        credentials=read_credentials(os.environ),
        region=settings.region,
        deadline=deadline,
    )


@cache
def connections(bucket: str, region: str, endpoint_url: str | None, ca_file: str | None) -> ConnectionPool:
    """Return the connections to a bucket, which are kept for later invocations."""
    address = bucket_address(bucket, region=region, endpoint_url=endpoint_url)
    return ConnectionPool(address, tls_context(ca_file))
