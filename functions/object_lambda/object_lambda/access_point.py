"""Requests through an S3 Object Lambda access point (S3 user guide, "Writing Lambda functions").

GET is answered by calling WriteGetObjectResponse, once; HEAD by what the function returns.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from s3_http import Address, ConnectionPool, RefusedError, Request, RetryPolicy, make_error, send_with_retries
from sigv4 import UNSIGNED_PAYLOAD, Signable

from object_lambda.answer import Answer, PictureRequest
from object_lambda.errors import RefusalError
from object_lambda.s3 import Access, place_of, signed, trust

# The viewer takes the answer at a speed of his own, and S3 waits for him as long as this.
_DELIVERY = RetryPolicy(read_timeout_seconds=60)
_REPLY_BYTES = 65_536


def picture_request(event: Mapping[str, Any], key: str) -> PictureRequest:
    """The request of the viewer.

    Args:
        event: of S3 Object Lambda.
        key: of the original.

    Raises:
        RefusalError: it asks for a part of an upload, which the picture made of it does not have.
    """
    querystring = _querystring(event["userRequest"]["url"], key)
    parameters = parse_qs(querystring)
    if "partNumber" in parameters:
        raise RefusalError(400, "InvalidArgument", "A picture cannot be read by partNumber.")
    headers = {name.lower(): value for name, value in event["userRequest"]["headers"].items()}
    if "Range" in parameters:
        headers.setdefault("range", parameters["Range"][0])
    return PictureRequest(querystring=querystring, headers=headers)


def parse_key(url: str, endpoint_url: str | None) -> str:
    """Return the key of the original.

    Args:
        url: `inputS3Url`.
        endpoint_url: URL of the endpoint that replaces S3. The endpoint has the bucket before the key, S3 has
            the access point in the host name.
    """
    path = unquote(urlsplit(url).path, errors="replace").removeprefix("/")
    return path.partition("/")[2] if endpoint_url else path


def _querystring(viewer_url: str, key: str) -> str:
    """Return the viewer's query string.

    S3 Object Lambda decodes the viewer's URL, and a key may contain question marks. The query string is the
    part after the known key. A URL with an alias before the key is split at the last question mark.
    """
    path = viewer_url.partition("://")[2].partition("/")[2]
    if path == key:
        return ""
    if path.startswith(f"{key}?"):
        return path.removeprefix(f"{key}?")
    return path.rpartition("?")[2] if "?" in path else ""


def delivery_headers(answer: Answer, route: str, token: str) -> dict[str, str]:
    """The headers of WriteGetObjectResponse, by the names of the S3 API reference."""
    headers = {
        "x-amz-request-route": route,
        "x-amz-request-token": token,
        "x-amz-fwd-status": str(answer.status),
    }
    if answer.code:
        headers |= {"x-amz-fwd-error-code": answer.code, "x-amz-fwd-error-message": answer.sentence}
    # S3 describes an error in a body of its own: how long caches may keep it is all there is to add. The API
    # reference allows headers with an error, and AWS's samples send some.
    forwarded = [name for name in answer.headers if not answer.code or name == "Cache-Control"]
    return headers | {f"x-amz-fwd-header-{name}": answer.headers[name] for name in forwarded}


def deliver(answer: Answer, route: str, token: str, access: Access) -> None:
    """Hand an answer to S3 Object Lambda. The token is good for one: a lost reply is no reason to repeat it.

    Args:
        answer: for the viewer.
        route: `outputRoute` of the event.
        token: `outputToken` of the event.
        access: the role needs s3-object-lambda:WriteGetObjectResponse.

    Raises:
        S3Error: S3 did not take it, or nobody knows.
    """
    address = _delivery_address(route, access)
    signable = Signable(
        method="POST",
        host=address.host_header,
        path="/WriteGetObjectResponse",
        headers=delivery_headers(answer, route, token),
        payload_hash=UNSIGNED_PAYLOAD,
    )
    pool = ConnectionPool(address, trust(access.ca_file), _DELIVERY)
    try:
        reply = send_with_retries(
            pool,
            lambda: _with_body(signed(signable, "s3-object-lambda", access), answer.body),
            name="WriteGetObjectResponse",
            max_bytes=_REPLY_BYTES,
            deadline=access.deadline,
        )
    finally:
        pool.close()
    if reply.status != HTTPStatus.OK:
        raise make_error(RefusedError, "WriteGetObjectResponse", reply)


def head_result(answer: Answer) -> dict[str, Any]:
    """What the function returns for HEAD: the length is that of the body that GET would bring."""
    headers = {**answer.headers, "Content-Length": len(answer.body)}
    if answer.code:
        return {
            "statusCode": answer.status,
            "errorCode": answer.code,
            "errorMessage": answer.sentence,
            "headers": headers,
        }
    return {"statusCode": answer.status, "headers": headers}


def _delivery_address(route: str, access: Access) -> Address:
    if access.endpoint_url:
        # What stands in for S3 has no host for each route. It knows the route by its header.
        return place_of(access.endpoint_url)[0]
    host = f"{route}.s3-object-lambda.{access.region}.amazonaws.com"
    return Address(tls=True, host=host, port=443, host_header=host, path_prefix="")


def _with_body(request: Request, body: bytes) -> Request:
    length = {"content-length": str(len(body))}
    return request._replace(headers={**request.headers, **length}, body=body, idempotent=False)
