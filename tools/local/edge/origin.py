"""Requests to an origin, and its responses without what belongs to the connection."""

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

_NOT_OF_THE_ORIGIN = ("Via", "Connection", "Keep-Alive", "Transfer-Encoding")
# Everything printable: only characters that no URL may have are encoded, what the viewer encoded stays.
_AS_IT_IS = "".join(map(chr, range(0x21, 0x7F)))


class Origin(Protocol):
    """Where objects come from."""

    async def fetch(self, method: str, request: OriginRequest) -> Answer:
        """The origin's answer, errors of the origin included.

        Raises:
            EdgeError: there is none.
        """


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
