"""Entry points for S3 Object Lambda (GET, HEAD) and function URLs. Each request gets exactly one response."""

# ruff: noqa: E402 - the other imports follow a statement
import gc

# Collections during the imports would find no garbage and take 5 ms of a cold start.
gc.disable()

import os
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from function_url import Response
from lambda_runtime import Deadline, Fields, OutcomeLog, Task, read_endpoint_url
from s3_http import S3Error

from object_lambda import access_point, url_requests
from object_lambda.errors import EventError
from object_lambda.response import ImageRequest, error_response, respond
from object_lambda.s3 import read_access, read_after_head, read_presigned
from object_lambda.settings import read_settings

# Seconds before the end of the invocation. Reading the original stops first and the transform second, so that
# the response still reaches S3 before Lambda ends the invocation.
_READ_MARGIN_SECONDS = 3.0
_TRANSFORM_MARGIN_SECONDS = 2.0
# Limits code without a deadline of its own, such as the resolution of host names.
_TASK_MARGIN_SECONDS = 1.5
_DELIVERY_MARGIN_SECONDS = 0.2

_log = OutcomeLog("object_lambda")

type Event = Mapping[str, Any]
type Parse = Callable[[], ImageRequest]


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Respond to a GET or HEAD of S3 Object Lambda, or to a request through a function URL.

    Returns:
        The response to a HEAD or to a request through a function URL. After a GET of S3 Object Lambda, S3 has
        the response already and ignores the result.

    Raises:
        EventError: the event is from another service.
    """
    match event:
        case {"getObjectContext": {"inputS3Url": str(), "outputRoute": str(), "outputToken": str()}}:
            return _respond_to_get(event, context)
        case {"headObjectContext": {"inputS3Url": str()}}:
            return _respond_to_head(event, context)
        case {"requestContext": {"http": {"method": str()}}, "rawPath": str()}:
            return _respond_to_function_url(event, context)
    raise EventError("the event is neither from S3 Object Lambda (GET, HEAD) nor from a function URL")


def _respond_to_get(event: Event, context: Any) -> dict[str, Any]:
    get = event["getObjectContext"]
    key = access_point.parse_key(get["inputS3Url"], read_endpoint_url(os.environ, "S3"))
    fields: Fields = {"request_id": event.get("xAmzRequestId"), "key": key}
    parse = partial(access_point.parse_request, event, get["inputS3Url"], key, read_presigned)
    response = _respond(parse, fields, context)
    deadline = Deadline.of_invocation(context, margin_seconds=_DELIVERY_MARGIN_SECONDS)
    try:
        access = read_access(os.environ, deadline)
        access_point.deliver(response, get["outputRoute"], get["outputToken"], access)
    except Exception as error:  # noqa: BLE001 - S3 accepts no second response, so only the log can have the error
        _log.write(context, "undelivered", error=error, foreseen=isinstance(error, S3Error), **fields)
    return {"statusCode": int(response.status)}


def _respond_to_head(event: Event, context: Any) -> dict[str, Any]:
    url = event["headObjectContext"]["inputS3Url"]
    key = access_point.parse_key(url, read_endpoint_url(os.environ, "S3"))
    fields: Fields = {"request_id": event.get("xAmzRequestId"), "key": key}
    parse = partial(access_point.parse_request, event, url, key, read_after_head)
    return access_point.to_head_response(_respond(parse, fields, context))


def _respond_to_function_url(event: Event, context: Any) -> dict[str, Any]:
    request_id = event["requestContext"].get("requestId")
    fields: Fields = {"request_id": request_id, "key": url_requests.parse_key(event)}
    parse = partial(url_requests.parse_request, event)
    response = _respond(parse, fields, context)
    return url_requests.to_lambda_response(response, url_requests.parse_resource(event))


def _respond(parse: Parse, fields: Fields, context: Any) -> Response:
    """Return the response of `_process`, or an error response after an error or at the deadline, and log it.

    Args:
        parse: returns the request of the viewer.
        fields: receives the log fields of the response.
        context: context object of the invocation.
    """
    error: Exception | None = None
    try:
        task = Task(partial(_process, parse, fields, context))
        response = task.result(Deadline.of_invocation(context, margin_seconds=_TASK_MARGIN_SECONDS))
    except Exception as raised:  # noqa: BLE001 - an unexpected error gets a response too
        response, error = error_response(raised), raised
    fields |= {
        "status": int(response.status),
        "code": response.code,
        "bytes": len(response.body),
    }
    foreseen = response.status != HTTPStatus.INTERNAL_SERVER_ERROR
    _log.write(context, "responded", error=error, foreseen=foreseen, **fields)
    return response


def _process(parse: Parse, fields: Fields, context: Any) -> Response:
    settings = read_settings(os.environ)
    access = read_access(os.environ, Deadline.of_invocation(context, margin_seconds=_READ_MARGIN_SECONDS))
    deadline = Deadline.of_invocation(context, margin_seconds=_TRANSFORM_MARGIN_SECONDS)
    return respond(parse(), settings, access, deadline, fields)


# Imported objects are never freed, so collections need not visit them.
gc.freeze()
gc.enable()
