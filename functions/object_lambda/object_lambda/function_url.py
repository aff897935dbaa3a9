"""Requests through a Lambda function URL (Lambda developer guide, "Invoking Lambda function URLs").

The event and the result have the payload format 2.0.
"""

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from object_lambda.answer import Answer, PictureRequest
from object_lambda.errors import RefusalError

# Lambda quotas: what a synchronous invocation returns, as JSON, with the body in base64.
MAX_RESULT_BYTES = 6_291_556

_METHODS = ("GET", "HEAD")
_TOO_LARGE = Answer(
    status=400,
    code="ImageTooLarge",
    sentence="The picture is too large to be delivered whole: ask for a smaller one with size or to_webp.",
)


def picture_request(event: Mapping[str, Any]) -> PictureRequest:
    """The request of the viewer.

    Raises:
        RefusalError: it is neither GET nor HEAD.
    """
    if method_of(event) not in _METHODS:
        raise RefusalError(405, "MethodNotAllowed", "Pictures can only be read.")
    return PictureRequest(
        querystring=event["rawQueryString"],
        headers={name.lower(): value for name, value in event["headers"].items()},
    )


def key_of(event: Mapping[str, Any]) -> str:
    """The key of the object: the path without its first slash, decoded.

    Raises:
        RefusalError: no object can have it: it is empty, which would name the bucket itself, or no UTF-8.
    """
    try:
        key = unquote(event["rawPath"].removeprefix("/"), errors="strict")
    except UnicodeDecodeError:
        key = ""
    if not key:
        raise RefusalError(404, "NoSuchKey", "The picture does not exist.")
    return key


def method_of(event: Mapping[str, Any]) -> str:
    """The method of the request."""
    return str(event["requestContext"]["http"]["method"])


def result_of(answer: Answer, method: str) -> dict[str, Any]:
    """What the function returns for an answer; HEAD gets the length of the body that GET would get.

    An answer that is too large for Lambda becomes an error: nothing could carry it. There is no redirect
    to the object either, for that has the metadata that nobody is to see.
    """
    described = _error(answer) if answer.code else answer
    result = _result(described)
    if len(result["body"]) + len(json.dumps({**result, "body": ""})) > MAX_RESULT_BYTES:
        described = _error(_TOO_LARGE)
        result = _result(described)
    if method == "HEAD":
        length = str(len(described.body))
        result |= {"headers": {**described.headers, "Content-Length": length}, "body": ""}
    return result


def _error(answer: Answer) -> Answer:
    """The error with a body, in the words in which S3 itself tells of errors behind an access point."""
    headers = {**answer.headers, "Content-Type": "application/xml"}
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_METHODS)
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        headers["Cache-Control"] = "no-store"
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{answer.code}</Code><Message>{answer.sentence}</Message></Error>"
    )
    return answer._replace(headers=headers, body=body.encode())


def _result(answer: Answer) -> dict[str, Any]:
    return {
        "statusCode": int(answer.status),
        "headers": dict(answer.headers),
        "body": base64.b64encode(answer.body).decode(),
        "isBase64Encoded": True,
    }
