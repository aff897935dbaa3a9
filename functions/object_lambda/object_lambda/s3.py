"""Reading objects from S3: with a presigned URL, or with the function's own right."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from ssl import SSLContext
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote_to_bytes, urlsplit

from lambda_runtime import Deadline
from s3_http import (
    Address,
    ConnectionPool,
    ObjectTooLargeError,
    RefusedError,
    Request,
    Response,
    TransientError,
    bucket_address,
    make_error,
    send_with_retries,
    tls_context,
)
from sigv4 import Credentials, Scope, Signable, encode_path, encode_query, payload_hash, sign

from object_lambda.errors import RefusalError, error_code

_DEFAULT_PORTS = {"http": 80, "https": 443}

# What S3 says of an object: passed on with its code. Answers to HEAD bring no code.
_REFUSALS = {
    HTTPStatus.BAD_REQUEST: ("InvalidRequest", "S3 does not accept the request."),
    HTTPStatus.FORBIDDEN: ("AccessDenied", "Access to the picture is denied."),
    HTTPStatus.NOT_FOUND: ("NoSuchKey", "The picture does not exist."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("MethodNotAllowed", "The picture is deleted."),
    HTTPStatus.PRECONDITION_FAILED: ("PreconditionFailed", "The picture is not the one that was asked for."),
}


class Access(NamedTuple):
    """Credentials, endpoint and deadline for S3 requests; `max_bytes` is the largest object that is read."""

    credentials: Credentials
    region: str
    endpoint_url: str | None
    ca_file: str | None
    deadline: Deadline
    max_bytes: int = 0


def read_presigned(
    url: str, viewer_headers: Mapping[str, str], conditions: Mapping[str, str], access: Access
) -> Response:
    """GET the object of a presigned URL, which brings its own right. The reply has 200 or 304.

    Args:
        url: `inputS3Url` of the event.
        viewer_headers: by lower-case name; those that the URL signs have to be sent along, but for Host.
        conditions: headers to send besides.
        access: place and time.

    Raises:
        RefusalError, S3Error
    """
    return _read_presigned("GET", url, viewer_headers, conditions, access)


def read_behind_head(
    url: str, viewer_headers: Mapping[str, str], conditions: Mapping[str, str], access: Access
) -> Response:
    """GET the object of a URL that is presigned for HEAD, after this HEAD has told that the viewer may.

    Such a signature is good for no other method: what is fetched is fetched with the function's own right.

    Raises:
        RefusalError, S3Error
    """
    head = _read_presigned("HEAD", url, viewer_headers, conditions, access)
    if head.status == HTTPStatus.NOT_MODIFIED:
        return head
    address, target = place_of(url)
    path, _, query = target.partition("?")
    own = [pair for pair in parse_qsl(query, keep_blank_values=True) if not pair[0].startswith("X-Amz-")]
    signable = Signable(
        method="GET",
        host=address.host_header,
        path=encode_path(unquote_to_bytes(path)),
        query=encode_query(own),
        payload_hash=payload_hash(b""),
    )
    return _read(address, lambda: signed(signable, "s3", access), access)


def read_from_bucket(bucket: str, key: str, conditions: Mapping[str, str], access: Access) -> Response:
    """GET an object of a bucket with the function's own right. The reply has 200 or 304.

    Raises:
        RefusalError, S3Error
    """
    address = bucket_address(bucket, region=access.region, endpoint_url=access.endpoint_url)
    signable = Signable(
        method="GET",
        host=address.host_header,
        path=address.path(key),
        headers=conditions,
        payload_hash=payload_hash(b""),
    )
    return _read(address, lambda: signed(signable, "s3", access), access)


def signed(signable: Signable, service: str, access: Access) -> Request:
    """The request with a signature of this moment, without a body."""
    scope = Scope(region=access.region, service=service)
    added = sign(signable, credentials=access.credentials, scope=scope, now=datetime.now(UTC))
    return Request(
        method=signable.method,
        path=f"{signable.path}?{signable.query}" if signable.query else signable.path,
        headers={"host": signable.host, **signable.headers, **added},
    )


def place_of(url: str) -> tuple[Address, str]:
    """Where a URL leads, and what is asked for there: the path with the query string, as they stand.

    Raises:
        ValueError: it is no http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("this is no http or https URL")
    address = Address(
        tls=parts.scheme == "https",
        host=parts.hostname,
        port=parts.port or _DEFAULT_PORTS[parts.scheme],
        host_header=parts.netloc,
        path_prefix="",
    )
    return address, parts.path + (f"?{parts.query}" if parts.query else "")


@cache
def trust(ca_file: str | None) -> SSLContext:
    """What TLS connections are made with."""
    return tls_context(ca_file)


@cache
def connections(address: Address, ca_file: str | None) -> ConnectionPool:
    """The connections to an address; they outlive the invocation."""
    return ConnectionPool(address, trust(ca_file))


def _read_presigned(
    method: str,
    url: str,
    viewer_headers: Mapping[str, str],
    conditions: Mapping[str, str],
    access: Access,
) -> Response:
    address, target = place_of(url)
    names = parse_qs(urlsplit(url).query).get("X-Amz-SignedHeaders", [""])[0].lower().split(";")
    along = {name: viewer_headers[name] for name in names if name != "host" and name in viewer_headers}
    request = Request(
        method=method, path=target, headers={"host": address.host_header, **conditions, **along}
    )
    return _read(address, lambda: request, access)


def _read(address: Address, request: Callable[[], Request], access: Access) -> Response:
    try:
        reply = send_with_retries(
            connections(address, access.ca_file),
            request,
            name="reading the object",
            max_bytes=access.max_bytes,
            deadline=access.deadline,
        )
    except ObjectTooLargeError as error:
        sentence = f"The file is larger than the limit of {access.max_bytes:,} bytes."
        raise RefusalError(HTTPStatus.BAD_REQUEST, "ImageTooLarge", sentence) from error
    if reply.status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return reply
    if reply.status == HTTPStatus.BAD_REQUEST and reply.error_code is None:
        # After a HEAD, S3 sends no code that would name the error. An expired token is the likeliest one, and
        # a transient error is safe for the others: caches do not keep it.
        raise make_error(TransientError, "reading the object", reply)
    if reply.status in _REFUSALS:
        code, sentence = _REFUSALS[HTTPStatus(reply.status)]
        raise RefusalError(reply.status, error_code(reply.error_code, code), sentence)
    raise make_error(RefusedError, "reading the object", reply)
