"""Requests through an S3 Object Lambda access point (S3 user guide, "Writing Lambda functions").

The response to a GET is sent with WriteGetObjectResponse, exactly once. The response to a HEAD is the return
value of the function.
"""

from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from function_url import Response
from s3_http import (
    Address,
    ConnectionPool,
    RefusedError,
    RetryPolicy,
    make_error,
    parse_address,
    send_with_retries,
)
from s3_http import Response as S3Response
from sigv4 import UNSIGNED_PAYLOAD, Signable

from object_lambda.errors import RefusalError
from object_lambda.response import ImageRequest
from object_lambda.s3 import S3Access

# S3 forwards the body as fast as the viewer reads it, so a slow viewer stalls the connection.
_DELIVERY_POLICY = RetryPolicy(read_timeout_seconds=60)
_MAX_RESPONSE_BYTES = 65_536


def parse_key(url: str, endpoint_url: str | None) -> str:
    """Return the key of the original.

    Args:
        url: `inputS3Url` of the event.
        endpoint_url: URL of the endpoint that replaces S3; None for S3 itself. With such an endpoint, the
            path begins with the bucket. With S3, the access point is part of the host name.
    """
    path = unquote(urlsplit(url).path, errors="replace").removeprefix("/")
    return path.partition("/")[2] if endpoint_url else path


def parse_request(
    event: Mapping[str, Any], url: str, key: str, read: Callable[..., S3Response]
) -> ImageRequest:
    """Return the request of the viewer.

    Args:
        event: event from S3 Object Lambda.
        url: `inputS3Url` of the event.
        key: key of the original.
        read: `read_presigned` or `read_after_head`, depending on the method of the URL.

    Raises:
        RefusalError: the request has `partNumber`. The parts of a multipart upload do not exist in the image.
    """
    querystring = _parse_querystring(event["userRequest"]["url"], key)
    parameters = parse_qs(querystring)
    if "partNumber" in parameters:
        raise RefusalError(400, "InvalidArgument", "An image cannot be read by partNumber.")
    headers = {name.lower(): value for name, value in event["userRequest"]["headers"].items()}
    # S3 Object Lambda accepts Range as a query parameter too (S3 user guide, "Working with Range and
    # partNumber headers").
    if "Range" in parameters:
        headers.setdefault("range", parameters["Range"][0])
    return ImageRequest(
        querystring=_drop_s3_parameters(querystring), headers=headers, read=partial(read, url, headers)
    )


def _parse_querystring(viewer_url: str, key: str) -> str:
    """Return the viewer's query string.

    S3 Object Lambda decodes the viewer's URL, and a key may contain question marks. So the query string is
    the part after the known key, or after the last question mark if an alias precedes the key.
    """
    path = viewer_url.partition("://")[2].partition("/")[2]
    if path == key:
        return ""
    if path.startswith(f"{key}?"):
        return path.removeprefix(f"{key}?")
    return path.rpartition("?")[2] if "?" in path else ""


def _drop_s3_parameters(querystring: str) -> str:
    """Return the query string without the parameters of a presigned URL, which must not reach the log."""
    pairs = querystring.split("&")
    return "&".join(pair for pair in pairs if not pair.lower().startswith("x-amz-"))


def delivery_headers(response: Response, route: str, token: str) -> dict[str, str]:
    """Return the headers of WriteGetObjectResponse, with the names in the S3 API reference."""
    headers = {
        "x-amz-request-route": route,
        "x-amz-request-token": token,
        "x-amz-fwd-status": str(response.status),
    }
    if response.code:
        headers |= {"x-amz-fwd-error-code": response.code, "x-amz-fwd-error-message": response.message}
    # S3 creates the body of an error, to which only the header for caches applies. The API
    # reference allows headers with an error, and AWS's samples send some.
    forwarded = [name for name in response.headers if not response.code or name == "Cache-Control"]
    return headers | {f"x-amz-fwd-header-{name}": response.headers[name] for name in forwarded}


def deliver(response: Response, route: str, token: str, access: S3Access) -> None:
    """Send the response to a GET with WriteGetObjectResponse.

    S3 accepts one response per token. If S3's confirmation is lost, the image may have been delivered, so the
    request is not sent again.

    Args:
        response: response to the viewer.
        route: `outputRoute` of the event.
        token: `outputToken` of the event.
        access: credentials of the role, which needs s3-object-lambda:WriteGetObjectResponse.

    Raises:
        S3Error: S3 rejected the response, or the result is unknown.
    """
    address = _delivery_address(route, access)
    signable = Signable(
        method="POST",
        host=address.host_header,
        path="/WriteGetObjectResponse",
        headers=delivery_headers(response, route, token),
        payload_hash=UNSIGNED_PAYLOAD,
    )
    pool = ConnectionPool(address, access.ca_file, _DELIVERY_POLICY)
    try:
        result = send_with_retries(
            pool,
            lambda: access.sign(signable, "s3-object-lambda", response.body)._replace(idempotent=False),
            name="WriteGetObjectResponse",
            max_bytes=_MAX_RESPONSE_BYTES,
            deadline=access.deadline,
        )
    finally:
        pool.close()
    if result.status != HTTPStatus.OK:
        raise make_error(RefusedError, "WriteGetObjectResponse", result)


def to_head_response(response: Response) -> dict[str, Any]:
    """Return the function's result for a HEAD, with the length of the body that a GET would return."""
    headers = {**response.headers, "Content-Length": len(response.body)}
    if response.code:
        return {
            "statusCode": response.status,
            "errorCode": response.code,
            "errorMessage": response.message,
            "headers": headers,
        }
    return {"statusCode": response.status, "headers": headers}


def _delivery_address(route: str, access: S3Access) -> Address:
    if access.endpoint_url:
        # An endpoint in place of S3 has no host name for each route. It reads the route from the header.
        return parse_address(access.endpoint_url)
    host = f"{route}.s3-object-lambda.{access.region}.amazonaws.com"
    return Address(tls=True, host=host, port=443, host_header=host, path_prefix="")
