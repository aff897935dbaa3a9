"""Bridges for S3: missing keys, lists of object versions, and a plus in a path.

- S3 returns 403 AccessDenied for a missing key if the caller may not list the bucket; MiniStack returns 404
  (S3 API reference, HeadObject and GetObject, "Permissions").
- MiniStack ignores `encoding-type=url` in lists of object versions. Terraform decodes the keys of such a list
  to empty a bucket: `1+1.jpg` becomes `1 1.jpg`, nothing is deleted, and Terraform lists again for ever. S3
  encodes the keys and marks the list as encoded (S3 API reference, ListObjectVersions).
- S3 reads a literal plus in the path of a request as a space: `/a+b.jpg` is the object `a b.jpg`. SDKs send a
  plus as `%2B`. The signature covers the path as sent. Source, for paths forwarded by CloudFront:
  https://github.com/rust-lang/simpleinfra/issues/313
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qs, quote, unquote_plus
from xml.etree import ElementTree as ET

import ministack.app  # type: ignore[import-untyped]  # MiniStack has no type hints
from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # as above
from ministack.core.iam_actions import s3_access_point_resources  # type: ignore[import-untyped]  # as above
from ministack.core.router import (  # type: ignore[import-untyped]  # as above
    detect_service,
    extract_access_key_id,
    extract_region,
)
from ministack.services import s3  # type: ignore[import-untyped]  # as above

from tools.local.emulator.names import Response

_ENCODED_ELEMENTS = ("Delimiter", "Key", "KeyMarker", "NextKeyMarker", "Prefix")
_ACCESS_DENIED = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def install() -> None:
    """Patch MiniStack with the functions of this module. Call once, before the emulator serves."""
    ET.register_namespace("", s3.S3_NS)
    s3._list_object_versions = partial(_list_object_versions, s3._list_object_versions)  # noqa: SLF001  # there is no public way in
    ministack.app._dispatch_service_request = partial(  # noqa: SLF001  # as above
        _dispatch_service_request,
        ministack.app._dispatch_service_request,  # noqa: SLF001  # as above
    )


def read_plus_as_space(app: ASGIFramework) -> ASGIFramework:
    """Wrap the emulator to decode a plus in the path of a request to S3 as a space."""

    async def handle(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and b"+" in scope["raw_path"] and _is_for_s3(scope):
            scope["path"] = unquote_plus(scope["raw_path"].decode("ascii"))
        await app(scope, receive, send)

    return handle


def _is_for_s3(scope: HTTPScope) -> bool:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    service = detect_service(scope["method"], scope["path"], headers, query)
    # Requests to S3 Object Lambda have a host name of S3, but another service in the signature.
    bucket = ministack.app._extract_s3_vhost_bucket(headers.get("host", ""))  # noqa: SLF001  # there is no public way in
    return service == "s3" or bucket is not None


async def _dispatch_service_request(  # noqa: PLR0913, PLR0917  # MiniStack's signature
    original: Callable[..., Awaitable[Response]],
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    query: dict[str, list[str]],
    request_id: str,
) -> Response:
    response = await original(method, path, headers, body, query, request_id)
    bucket, _, key = path.removeprefix("/").partition("/")
    is_missing = response[0] == HTTPStatus.NOT_FOUND and method in ("GET", "HEAD") and key
    if (
        not is_missing
        or detect_service(method, path, headers, query) != "s3"
        or _may_list(bucket, headers, query)
    ):
        return response
    return HTTPStatus.FORBIDDEN, response[1], _ACCESS_DENIED if method == "GET" else b""


def _may_list(bucket: str, headers: dict[str, str], query: dict[str, list[str]]) -> bool:
    key_id, region = extract_access_key_id(headers, query), extract_region(headers, query)
    return all(
        iam_evaluator.enforce(
            key_id, "s3:ListBucket", "s3", region, resource_arn=arn, service_context=access_point
        )
        is None
        for arn, access_point in s3_access_point_resources(f"arn:aws:s3:::{bucket}")
    )


def _list_object_versions(
    original: Callable[..., Response], bucket: str, query: Mapping[str, Sequence[str]]
) -> Response:
    status, headers, body = original(bucket, query)
    if status != HTTPStatus.OK or "url" not in query.get("encoding-type", ()):
        return status, headers, body
    listing = ET.fromstring(body)  # noqa: S314  # written by MiniStack
    for name in _ENCODED_ELEMENTS:
        for element in listing.iter(f"{{{s3.S3_NS}}}{name}"):
            element.text = quote(element.text or "")
    ET.SubElement(listing, f"{{{s3.S3_NS}}}EncodingType").text = "url"
    return status, headers, ET.tostring(listing, encoding="utf-8", xml_declaration=True)
