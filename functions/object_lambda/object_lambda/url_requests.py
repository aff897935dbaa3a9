"""Requests through a Lambda function URL (Lambda developer guide, "Invoking Lambda function URLs").

Events have payload format 2.0.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import unquote

from function_url import METHODS, Response, encode_response, is_deliverable

from object_lambda.errors import RefusalError
from object_lambda.response import ImageRequest
from object_lambda.s3 import read_from_bucket

_TOO_LARGE = Response(
    status=400,
    code="ImageTooLarge",
    message="The image is too large to be delivered whole: ask for a smaller width or another format.",
    headers={"Cache-Control": "max-age=60"},
)


def parse_request(event: Mapping[str, Any]) -> ImageRequest:
    """Return the request of the viewer.

    Raises:
        RefusalError: the method is neither GET nor HEAD, or no image can have the key: it is not UTF-8, or
            its last segment is empty or a dot segment. A server may resolve a dot segment, so that the path
            becomes that of the bucket (RFC 3986, section 5.2.4).
    """
    if event["requestContext"]["http"]["method"] not in METHODS:
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
    """Return the key for the log. Bytes that are not UTF-8 become replacement characters."""
    return unquote(event["rawPath"].removeprefix("/"), errors="replace")


def parse_resource(event: Mapping[str, Any]) -> str:
    """Return the path and the canonical query, which identify the image in an error document."""
    path, querystring = event["rawPath"], event["rawQueryString"]
    return f"{path}?{querystring}" if querystring else str(path)


def to_lambda_response(response: Response, resource: str = "") -> dict[str, Any]:
    """Return the function's result for a response.

    A response over Lambda's limit becomes an error. A redirect to the original would disclose the metadata.

    Args:
        response: response to the viewer.
        resource: result of `parse_resource`. Empty: an error document has no element `Resource`.
    """
    result = encode_response(response, resource)
    return result if is_deliverable(result) else encode_response(_TOO_LARGE, resource)
