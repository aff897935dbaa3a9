"""The entry point for all three ways in: the event decides. There is one answer, whatever happens."""

import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from lambda_runtime import (
    Deadline,
    Fields,
    OutcomeLog,
    Task,
    TimingsMs,
    read_credentials,
    read_s3_endpoint_url,
)
from s3_http import Response, S3Error

from object_lambda import access_point, function_url
from object_lambda.answer import Answer, refusal_of, respond
from object_lambda.errors import EventError
from object_lambda.s3 import Access, read_behind_head, read_from_bucket, read_presigned
from object_lambda.settings import Settings, read_settings

# Of the time limit: S3 gets all of it but the last three seconds to bring the object, the picture all but
# the last two. Those are for the answer, which has to go to S3 before Lambda's time is up.
_READ_MARGIN_SECONDS = 3.0
_WORK_MARGIN_SECONDS = 2.0
_ANSWER_MARGIN_SECONDS = 0.2
# Whatever no deadline reaches, such as a name server that does not respond, gets half a second more.
_TASK_MARGIN_SECONDS = 1.5

_log = OutcomeLog("object_lambda")

type Event = Mapping[str, Any]
type Work = Callable[[Settings, Access, Deadline, TimingsMs], Answer]


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer a request for a picture: GET or HEAD of S3 Object Lambda, or that of a function URL.

    Returns:
        For HEAD and function URLs the answer. For GET nothing that matters: its answer goes to S3.

    Raises:
        EventError: the event is another one.
    """
    match event:
        case {"getObjectContext": {"inputS3Url": str(), "outputRoute": str(), "outputToken": str()}}:
            return _get(event, context)
        case {"headObjectContext": {"inputS3Url": str()}}:
            return _head(event, context)
        case {"requestContext": {"http": {"method": str()}}, "rawPath": str()}:
            return _function_url(event, context)
    raise EventError("this is no event of S3 Object Lambda (GET, HEAD) or of a function URL")


def _get(event: Event, context: Any) -> dict[str, Any]:
    about, request_id = event["getObjectContext"], event.get("xAmzRequestId")
    key = access_point.parse_key(about["inputS3Url"], read_s3_endpoint_url(os.environ))
    seen: Fields = {"request_id": request_id, "key": key}
    answer = _answer(_behind_access_point(event, about["inputS3Url"], key, read_presigned), seen, context)
    access = _access(context, _ANSWER_MARGIN_SECONDS)
    try:
        access_point.deliver(answer, about["outputRoute"], about["outputToken"], access)
    except Exception as error:  # noqa: BLE001 - there is nobody left whom to tell, and no second answer
        _log.write(context, "undelivered", error=error, foreseen=isinstance(error, S3Error), **seen)
    return {"statusCode": int(answer.status)}


def _head(event: Event, context: Any) -> dict[str, Any]:
    url = event["headObjectContext"]["inputS3Url"]
    key = access_point.parse_key(url, read_s3_endpoint_url(os.environ))
    seen: Fields = {"request_id": event.get("xAmzRequestId"), "key": key}
    work = _behind_access_point(event, url, key, read_behind_head)
    return access_point.head_result(_answer(work, seen, context))


def _behind_access_point(event: Event, url: str, key: str, read: Callable[..., Response]) -> Work:
    def work(settings: Settings, access: Access, deadline: Deadline, timings_ms: TimingsMs) -> Answer:
        request = access_point.picture_request(event, key)
        return respond(
            request,
            lambda conditions: read(url, request.headers, conditions, access),
            settings,
            deadline,
            timings_ms,
        )

    return work


def _function_url(event: Event, context: Any) -> dict[str, Any]:
    def work(settings: Settings, access: Access, deadline: Deadline, timings_ms: TimingsMs) -> Answer:
        request = function_url.picture_request(event)
        bucket, key = os.environ["BUCKET_NAME"], function_url.key_of(event)
        return respond(
            request,
            lambda conditions: read_from_bucket(bucket, key, conditions, access),
            settings,
            deadline,
            timings_ms,
        )

    seen: Fields = {
        "request_id": event["requestContext"].get("requestId"),
        "key": function_url.parse_key(event),
    }
    answer = _answer(work, seen, context)
    return function_url.result_of(answer)


def _answer(work: Work, seen: Fields, context: Any) -> Answer:
    """The answer that work gives in time, or one that says that there is none."""
    timings_ms: TimingsMs = {}
    failure: Exception | None = None
    try:
        settings = read_settings(os.environ)
        access = _access(context, _READ_MARGIN_SECONDS)._replace(max_bytes=settings.max_bytes)
        deadline = Deadline.of_invocation(context, margin_seconds=_WORK_MARGIN_SECONDS)
        task = Task(lambda: work(settings, access, deadline, timings_ms))
        answer = task.result(Deadline.of_invocation(context, margin_seconds=_TASK_MARGIN_SECONDS))
    except Exception as error:  # noqa: BLE001 - whatever it is: there is an answer
        answer, failure = refusal_of(error), error
    seen |= {
        "status": int(answer.status),
        "code": answer.code,
        "bytes": len(answer.body),
        "spent_ms": timings_ms,
    }
    _log.write(
        context,
        "answered",
        error=failure,
        foreseen=answer.status != HTTPStatus.INTERNAL_SERVER_ERROR,
        **seen,
    )
    return answer


def _access(context: Any, margin_seconds: float) -> Access:
    """The role's credentials as they are now, for Lambda renews them, and the time that is left."""
    return Access(
        credentials=read_credentials(os.environ),
        region=os.environ["AWS_REGION"],
        endpoint_url=read_s3_endpoint_url(os.environ),
        ca_file=os.environ.get("AWS_CA_BUNDLE"),
        deadline=Deadline.of_invocation(context, margin_seconds=margin_seconds),
    )
