"""Paths of requests to S3, where MiniStack 1.5.33 keeps a plus.

S3 reads a literal plus in the path of a request as a space: `/a+b.jpg` is the object `a b.jpg`. A plus has to
be sent as `%2B`, as every AWS SDK does. The signature covers the path as it was sent.

Source: https://github.com/rust-lang/simpleinfra/issues/313, where CloudFront forwards such paths to S3.
"""

from urllib.parse import parse_qs, unquote_plus

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope
from ministack.app import _extract_s3_vhost_bucket  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.core.router import detect_service  # type: ignore[import-untyped]  # as above


def reading_plus_as_space(app: ASGIFramework) -> ASGIFramework:
    """The emulator, which reads a plus in the path of a request to S3 as S3 does."""

    async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http" and b"+" in scope["raw_path"] and _is_for_s3(scope):
            scope["path"] = unquote_plus(scope["raw_path"].decode("ascii"))
        await app(scope, receive, send)

    return answer


def _is_for_s3(scope: HTTPScope) -> bool:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    service = detect_service(scope["method"], scope["path"], headers, query)
    # S3 Object Lambda is a host of S3, with a service of its own in the signature.
    return service == "s3" or _extract_s3_vhost_bucket(headers.get("host", "")) is not None
