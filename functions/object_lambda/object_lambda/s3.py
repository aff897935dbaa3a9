"""Read originals from S3, with a presigned URL or with the function's own credentials."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote_to_bytes, urlsplit

from lambda_runtime import Deadline, SettingsError, read_ca_file, read_credentials, read_endpoint_url
from s3_http import (
    Address,
    ObjectTooLargeError,
    RefusedError,
    Request,
    Response,
    TransientError,
    bucket_address,
    make_error,
    parse_address,
    send_with_retries,
    shared_connections,
    sign_request,
)
from sigv4 import Credentials, Scope, Signable, encode_path, encode_query, payload_hash

from object_lambda.conditions import Headers
from object_lambda.errors import RefusalError, select_error_code
from object_lambda.settings import Settings

# Permanent errors of S3 for an object. The viewer gets the code of S3, or this one after a HEAD, whose
# response has no code.
_PERMANENT_ERRORS = {
    HTTPStatus.BAD_REQUEST: ("InvalidRequest", "S3 does not accept the request."),
    HTTPStatus.FORBIDDEN: ("AccessDenied", "Access to the image is denied."),
    HTTPStatus.NOT_FOUND: ("NoSuchKey", "The image does not exist."),
    HTTPStatus.METHOD_NOT_ALLOWED: ("MethodNotAllowed", "The image is deleted."),
    HTTPStatus.PRECONDITION_FAILED: ("PreconditionFailed", "A precondition of the request is false."),
}


class S3Access(NamedTuple):
    """Credentials, endpoint and deadline for S3 requests.

    Attributes:
        credentials: credentials of the function's role.
        region: Region of the function and the bucket.
        endpoint_url: URL of the endpoint that replaces S3; None for S3 itself.
        ca_file: path of a PEM file with the root certificates of that endpoint; None for those of Amazon.
        deadline: time limit of all requests.
    """

    credentials: Credentials
    region: str
    endpoint_url: str | None
    ca_file: str | None
    deadline: Deadline

    def sign(self, signable: Signable, service: str = "s3", body: bytes | None = None) -> Request:
        """Return a request to a service in the Region, signed at the current time."""
        scope = Scope(region=self.region, service=service)
        return sign_request(signable, credentials=self.credentials, scope=scope, body=body)


def read_access(environment: Mapping[str, str], deadline: Deadline) -> S3Access:
    """Return the access to S3 that the environment configures.

    The access is not part of the settings, because an error response is delivered even if these are invalid.

    Raises:
        KeyError: the environment has no credentials or no Region.
    """
    return S3Access(
        credentials=read_credentials(environment),
        region=environment["AWS_REGION"],
        endpoint_url=read_endpoint_url(environment, "S3"),
        ca_file=read_ca_file(environment),
        deadline=deadline,
    )


def read_presigned(
    url: str, viewer_headers: Headers, preconditions: Headers, settings: Settings, access: S3Access
) -> Response:
    """Read the original at a URL that S3 Object Lambda presigned for GET, with the viewer's permissions.

    Args:
        url: `inputS3Url` of the event.
        viewer_headers: headers of the viewer. The ones that the URL signs are sent, except Host.
        preconditions: further headers to send.
        settings: settings with the size limit.
        access: endpoint and deadline.

    Returns:
        A response with status 200 or 304.

    Raises:
        RefusalError: S3 does not return the original, and a retry would not help.
        S3Error: S3 failed, or sent an unexpected response.
    """
    return _send_presigned("GET", url, viewer_headers, preconditions, settings, access)


def read_after_head(
    url: str, viewer_headers: Headers, preconditions: Headers, settings: Settings, access: S3Access
) -> Response:
    """Read the original at a URL that S3 Object Lambda presigned for HEAD.

    The signature is valid for HEAD only. So a HEAD first proves that the viewer may read the original, and
    then the function reads it with its own credentials. Arguments, result and errors are as for
    `read_presigned`.
    """
    head = _send_presigned("HEAD", url, viewer_headers, preconditions, settings, access)
    if head.status == HTTPStatus.NOT_MODIFIED:
        return head
    address, target = parse_url(url)
    path, _, query = target.partition("?")
    unsigned = [pair for pair in parse_qsl(query, keep_blank_values=True) if not pair[0].startswith("X-Amz-")]
    signable = Signable(
        method="GET",
        host=address.host_header,
        path=encode_path(unquote_to_bytes(path)),
        query=encode_query(unsigned),
        payload_hash=payload_hash(b""),
    )
    return _send(address, lambda: access.sign(signable), settings.max_bytes, access)


def read_from_bucket(key: str, preconditions: Headers, settings: Settings, access: S3Access) -> Response:
    """Read an original from the configured bucket with the function's own credentials.

    Args:
        key: key of the original.
        preconditions: further headers to send.
        settings: settings with the name of the bucket and the size limit.
        access: credentials, endpoint and deadline.

    Returns:
        A response with status 200 or 304.

    Raises:
        SettingsError: the settings name no bucket.
        RefusalError, S3Error: as for `read_presigned`.
    """
    if settings.bucket_name is None:
        raise SettingsError(["BUCKET_NAME must be the name of a bucket for requests through a function URL"])
    address = bucket_address(settings.bucket_name, region=access.region, endpoint_url=access.endpoint_url)
    signable = Signable(
        method="GET",
        host=address.host_header,
        path=address.path(key),
        headers=preconditions,
        payload_hash=payload_hash(b""),
    )
    return _send(address, lambda: access.sign(signable), settings.max_bytes, access)


def parse_url(url: str) -> tuple[Address, str]:
    """Return the address of a URL and the request target: path and query string, unchanged.

    Raises:
        AddressError: the URL is not an http or https URL.
    """
    parts = urlsplit(url)
    return parse_address(url), parts.path + (f"?{parts.query}" if parts.query else "")


def _send_presigned(  # noqa: PLR0913, PLR0917 - the arguments of `read_presigned`, and the method
    method: str,
    url: str,
    viewer_headers: Headers,
    preconditions: Headers,
    settings: Settings,
    access: S3Access,
) -> Response:
    address, target = parse_url(url)
    names = parse_qs(urlsplit(url).query).get("X-Amz-SignedHeaders", [""])[0].lower().split(";")
    signed = {name: viewer_headers[name] for name in names if name != "host" and name in viewer_headers}
    request = Request(
        method=method, path=target, headers={"host": address.host_header, **preconditions, **signed}
    )
    return _send(address, lambda: request, settings.max_bytes, access)


def _send(
    address: Address, make_request: Callable[[], Request], max_bytes: int, access: S3Access
) -> Response:
    try:
        response = send_with_retries(
            shared_connections(address, access.ca_file),
            make_request,
            name="reading the object",
            max_bytes=max_bytes,
            deadline=access.deadline,
        )
    except ObjectTooLargeError as error:
        message = f"The file is larger than the limit of {max_bytes:,} bytes."
        raise RefusalError(HTTPStatus.BAD_REQUEST, "ImageTooLarge", message) from error
    if response.status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return response
    if response.status == HTTPStatus.BAD_REQUEST and response.error_code is None:
        # A HEAD gets no error document, so the cause is unknown. The most likely cause is an expired token.
        # A transient error is the safe choice for any other cause: no cache keeps the response.
        raise make_error(TransientError, "reading the object", response)
    if response.status in _PERMANENT_ERRORS:
        code, message = _PERMANENT_ERRORS[HTTPStatus(response.status)]
        raise RefusalError(response.status, select_error_code(response.error_code, code), message)
    raise make_error(RefusedError, "reading the object", response)
