"""Responses to requests through a function URL (Lambda developer guide, "Invoking Lambda function URLs").

The result of the function has payload format 2.0.
"""

import base64
import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from lambda_runtime import error_document

MAX_RESULT_BYTES = 6_291_556
"""Lambda quotas: size of the JSON result of a synchronous invocation, with the body in base64."""

MAX_BODY_BYTES = MAX_RESULT_BYTES // 4 * 3
"""Upper bound of the length of a body: base64 makes four bytes of three, and the result has other parts too.
`is_deliverable` is exact."""

METHODS = ("GET", "HEAD")
"""Methods that the functions respond to. Other methods get 405 with these in the header Allow."""


class Response(NamedTuple):
    """A response to the viewer.

    Attributes:
        status: HTTP status.
        headers: headers by name.
        body: empty for an error and for a 304.
        code: error code in the style of S3, such as `NoSuchKey`. None: the response is not an error.
        message: one sentence about the error; empty without an error.
    """

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    code: str | None = None
    message: str = ""


def encode_response(response: Response, resource: str = "") -> dict[str, Any]:
    """Return the function's result for a response, with the same body for a HEAD as for a GET.

    After a HEAD, Lambda derives Content-Length from the body and sends no body. A Content-Length from the
    function would be renamed to x-amzn-Remapped-Content-Length.

    Args:
        response: response to the viewer. An error gets an error document like those of S3.
        resource: path and canonical query of the request. Empty: the document has no element `Resource`.
    """
    headers, body = dict(response.headers), response.body
    if response.code:
        headers["Content-Type"] = "application/xml"
        body = error_document(response.code, response.message, resource).encode()
    if response.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(METHODS)
    return {
        "statusCode": int(response.status),
        "headers": headers,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def is_deliverable(result: Mapping[str, Any]) -> bool:
    """Return whether Lambda accepts a result from `encode_response`: an image of at most about 4.7 MB."""
    # base64 has no character that JSON escapes, so the body has the same length in JSON.
    return len(result["body"]) + len(json.dumps({**result, "body": ""})) <= MAX_RESULT_BYTES
