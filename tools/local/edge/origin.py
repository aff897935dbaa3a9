"""Fetch from the origin, through the emulator's CloudFront data plane.

The data plane reads the bucket as CloudFront with origin access control does: the emulator enforces the
bucket policy.
"""

from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from tools.local.edge.errors import OriginTimeoutError, OriginUnreachableError
from tools.local.edge.messages import Answer
from tools.local.edge.result import OriginRequest

TIMEOUT_SECONDS = 30
"""How long CloudFront waits for S3."""

# What the data plane adds as the edge it believes it is, and what belongs to the connection.
_NOT_OF_THE_ORIGIN = (
    "Via",
    "X-Cache",
    "X-Amz-Cf-Id",
    "X-Amz-Cf-Pop",
    "Connection",
    "Keep-Alive",
    "Transfer-Encoding",
)
# The data plane sets its own. It takes a request with another CloudFront's Via for a loop.
_NOT_FORWARDED = frozenset({"host", "via", "x-forwarded-for"})
# Everything printable: only characters that no URL may have are encoded, what the viewer encoded stays.
_AS_IT_IS = "".join(map(chr, range(0x21, 0x7F)))


class Origin(Protocol):
    """Where objects come from."""

    async def fetch(self, method: str, request: OriginRequest) -> Answer:
        """The origin's answer, errors of the origin included.

        Raises:
            EdgeError: there is none.
        """


class DataPlane:
    """The origin of an emulated distribution."""

    def __init__(self, session: aiohttp.ClientSession, emulator_url: str, distribution_domain: str) -> None:
        """Name the distribution.

        Args:
            session: made by `client_session`.
            emulator_url: of the emulator.
            distribution_domain: by which the emulator finds the distribution.
        """
        self._session = session
        self._emulator_url = emulator_url
        self._domain = distribution_domain

    async def fetch(self, method: str, request: OriginRequest) -> Answer:
        """The origin's answer, errors of the origin included.

        Raises:
            OriginTimeoutError: nothing came for 30 seconds.
            OriginUnreachableError: the connection failed.
        """
        forwarded = [(name, value) for name, value in request.headers if name.lower() not in _NOT_FORWARDED]
        # Viewers count as HTTPS viewers: TLS ends before the local edge. So no behaviour redirects them.
        headers = [*forwarded, ("Host", self._domain), ("X-Forwarded-Proto", "https")]
        answer = await ask(self._session, method, f"{self._emulator_url}{target_of(request)}", headers)
        served = answer.with_headers(("Server", answer.headers.get("Server", "AmazonS3")))
        return with_length(served, method)


def target_of(request: OriginRequest) -> str:
    """Path and query string as they go out: what the viewer or the function encoded stays."""
    query = f"?{quote(request.querystring, safe=_AS_IT_IS)}" if request.querystring else ""
    return f"{quote(request.uri, safe=_AS_IT_IS)}{query}"


async def ask(
    session: aiohttp.ClientSession, method: str, url: str, headers: list[tuple[str, str]]
) -> Answer:
    """One request, and the answer without what belongs to the connection.

    Args:
        session: made by `client_session`.
        method: GET or HEAD.
        url: encoded already.
        headers: with Host.

    Raises:
        OriginTimeoutError: nothing came for 30 seconds.
        OriginUnreachableError: the connection failed.
    """
    try:
        async with session.request(
            method, URL(url, encoded=True), headers=headers, allow_redirects=False
        ) as answer:
            body = await answer.read()
            received = Answer(
                status=answer.status, headers=CIMultiDictProxy(answer.headers.copy()), body=body
            )
    except TimeoutError as error:
        raise OriginTimeoutError(str(error)) from error
    except aiohttp.ClientError as error:
        raise OriginUnreachableError(str(error)) from error
    return received.without_headers(*_NOT_OF_THE_ORIGIN)


def with_length(answer: Answer, method: str) -> Answer:
    """The answer with its length, which the emulator sometimes leaves out."""
    if method == "HEAD" or answer.status == HTTPStatus.NOT_MODIFIED:
        return answer
    return answer.with_headers(("Content-Length", str(len(answer.body))))


def client_session(read_seconds: float = TIMEOUT_SECONDS) -> aiohttp.ClientSession:
    """A session that changes nothing on the way: no decompression, no cookies, no limit but the time.

    Args:
        read_seconds: how long nothing may come.
    """
    return aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=read_seconds),
        skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding"],
    )
