"""Requests through a Lambda function URL (Lambda developer guide, "Invoking Lambda function URLs").

Event and result have payload format 2.0.
"""

import base64
import json
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from object_lambda.errors import RefusalError
from object_lambda.response import ImageRequest, Response
from object_lambda.s3 import read_from_bucket

# Lambda quotas: size of the JSON result of a synchronous invocation, with the body in base64.
MAX_RESULT_BYTES = 6_291_556

_METHODS = ("GET", "HEAD")
_TOO_LARGE = Response(
    status=400,
    code="ImageTooLarge",
    message="The image is too large to be delivered whole: ask for a smaller width or another format.",
    headers={"Cache-Control": "max-age=60"},
)


def parse_request(event: Mapping[str, Any]) -> ImageRequest:
    """Return the request of the viewer.

    Raises:
        RefusalError: the method is neither GET nor HEAD, or no image can have the key. Such a key is not
            UTF-8, or ends in an empty segment or a dot segment. Resolving those could turn the path into that
            of the bucket (RFC 3986, section 5.2.4).
    """
    if event["requestContext"]["http"]["method"] not in _METHODS:
        raise RefusalError(405, "MethodNotAllowed", "Images can only be read.")
    try:
        key = unquote(event["rawPath"].removeprefix("/"), errors="strict")
    except UnicodeDecodeError:
        key = ""
    if key.rpartition("/")[2] in {"", ".", ".."}:
        raise RefusalError(404, "NoSuchKey", "The image does not exist.")
    return ImageRequest(
        querystring=event["rawQueryString"],
        headers={name.lower(): value for name, value in event["headers"].items()},
        read=partial(read_from_bucket, key),
    )


def parse_key(event: Mapping[str, Any]) -> str:
    """Return the key for the log, with replacement characters for bytes that are not UTF-8."""
    return unquote(event["rawPath"].removeprefix("/"), errors="replace")


def parse_resource(event: Mapping[str, Any]) -> str:
    """Return the path and the canonical query, which identify the image in an error document."""
    path, querystring = event["rawPath"], event["rawQueryString"]
    return f"{path}?{querystring}" if querystring else str(path)


def to_lambda_response(response: Response, resource: str = "") -> dict[str, Any]:
    """Return the function's result for a response. The result for a HEAD has the body of the GET.

    After a HEAD, Lambda derives Content-Length from the body and sends no body. A Content-Length from the
    function would be renamed to x-amzn-Remapped-Content-Length.

    A response over Lambda's limit becomes an error. A redirect to the original would disclose the metadata.

    Args:
        response: response to the viewer.
        resource: result of `parse_resource`, without which an error document has no element `Resource`.
    """
    result = _encode(_add_error_body(response, resource) if response.code else response)
    if len(result["body"]) + len(json.dumps({**result, "body": ""})) > MAX_RESULT_BYTES:
        return _encode(_add_error_body(_TOO_LARGE, resource))
    return result


def _add_error_body(response: Response, resource: str) -> Response:
    """Return an error response with an error document like those of S3 behind an access point."""
    headers = {**response.headers, "Content-Type": "application/xml"}
    if response.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_METHODS)
    element = f"<Resource>{_escape(resource)}</Resource>" if resource else ""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{response.code}</Code><Message>{_escape(response.message)}</Message>{element}</Error>"
    )
    return response._replace(headers=headers, body=body.encode())


def _escape(text: str) -> str:
    # `xml.sax.saxutils.escape` would do the same, at the price of its import in a cold start.
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _encode(response: Response) -> dict[str, Any]:
    return {
        "statusCode": int(response.status),
        "headers": dict(response.headers),
        "body": base64.b64encode(response.body).decode(),
        "isBase64Encoded": True,
    }
