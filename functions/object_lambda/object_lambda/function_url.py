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
    headers={"Cache-Control": "max-age=60"},
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
        RefusalError: no image can have it: it is no UTF-8, or its last segment is empty or a dot segment and
            leads to the bucket itself as soon as anything resolves it (RFC 3986, section 5.2.4).
    """
    try:
        key = unquote(event["rawPath"].removeprefix("/"), errors="strict")
    except UnicodeDecodeError:
        key = ""
    if key.rpartition("/")[2] in {"", ".", ".."}:
        raise RefusalError(404, "NoSuchKey", "The picture does not exist.")
    return key


def parse_key(event: Mapping[str, Any]) -> str:
    """Return the key of the original, as far as the path can be decoded."""
    return unquote(event["rawPath"].removeprefix("/"), errors="replace")


def method_of(event: Mapping[str, Any]) -> str:
    """The method of the request."""
    return str(event["requestContext"]["http"]["method"])


def result_of(answer: Answer) -> dict[str, Any]:
    """Return the result of the function for a response; that of a HEAD has the body of the GET.

    Lambda derives Content-Length from the body, renames a Content-Length of the function's own to
    x-amzn-Remapped-Content-Length, and sends no body after a HEAD.

    An answer that is too large for Lambda becomes an error: nothing could carry it. There is no redirect
    to the object either, for that has the metadata that nobody is to see.
    """
    result = _result(_error(answer) if answer.code else answer)
    if len(result["body"]) + len(json.dumps({**result, "body": ""})) > MAX_RESULT_BYTES:
        return _result(_error(_TOO_LARGE))
    return result


def _error(answer: Answer) -> Answer:
    """The error with a body, in the words in which S3 itself tells of errors behind an access point."""
    headers = {**answer.headers, "Content-Type": "application/xml"}
    if answer.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_METHODS)
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
