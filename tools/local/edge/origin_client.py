"""Requests to the origin of a distribution.

The emulator stands in for every origin: S3, S3 Object Lambda and function URLs. The edge sends requests as
any client does, so that the emulator checks the signature, the signer's rights and the resource's policy.
"""

from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from tools.local.edge.access_control import AccessControl
from tools.local.edge.errors import OriginTimeoutError, OriginUnreachableError
from tools.local.edge.function_result import OriginRequest
from tools.local.edge.messages import Response
from tools.local.edge.origin import DEFAULT_READ_TIMEOUT_SECONDS, Origin

_CONNECT_TIMEOUT_SECONDS = 10
_HOP_HEADERS = ("Via", "Connection", "Keep-Alive", "Transfer-Encoding")
# All printable ASCII characters are sent unchanged: the viewer or the function has encoded the target.
_SAFE = "".join(map(chr, range(0x21, 0x7F)))


class OriginClient(Protocol):
    """Fetches objects from an origin."""

    async def fetch(self, method: str, request: OriginRequest) -> Response:
        """Return the origin's response, including error responses.

        Raises:
            EdgeError: the origin sent no response.
        """


class HttpOriginClient:
    """Fetches objects from the emulator.

    Args:
        session: a session of `create_session`.
        emulator_url: base URL of the emulator.
        origin: the origin in the configuration of the distribution.
        access_control: signer of the requests; None if the function signs.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        emulator_url: str,
        origin: Origin,
        access_control: AccessControl | None,
    ) -> None:
        self._session = session
        self._emulator_url = emulator_url
        self._origin = origin
        self._access_control = access_control
        self._timeout = _create_timeout(origin.read_timeout_seconds)

    async def fetch(self, method: str, request: OriginRequest) -> Response:
        """Return the origin's response, including error responses.

        Args:
            method: GET or HEAD.
            request: request of the viewer or the function.

        Raises:
            OriginTimeoutError: no data arrived within the origin's timeout.
            OriginUnreachableError: the connection failed.
        """
        host, prefix = self._origin.emulator_address()
        target = f"{prefix}{self._origin.path}{_encode_target(request)}"
        headers = {name: value for name, value in request.headers if name.lower() != "host"}
        headers |= dict(self._origin.custom_headers)
        # A function may sign this header, but only CloudFront sends it.
        headers |= {"Host": host, "X-Amz-Cf-Id": request.request_id}
        if self._access_control is not None:
            target, signature = self._access_control.sign(method, host, target)
            headers |= signature
        response = await self._send(method, URL(f"{self._emulator_url}{target}", encoded=True), headers)
        if method == "HEAD" or response.status == HTTPStatus.NOT_MODIFIED:
            return response
        # The emulator omits the length of some responses.
        return response.with_headers(("Content-Length", str(len(response.body))))

    async def _send(self, method: str, url: URL, headers: dict[str, str]) -> Response:
        try:
            async with self._session.request(
                method, url, headers=headers, allow_redirects=False, timeout=self._timeout
            ) as received:
                response = Response(
                    status=received.status,
                    headers=CIMultiDictProxy(received.headers.copy()),
                    body=await received.read(),
                )
        except TimeoutError as error:
            raise OriginTimeoutError(str(error)) from error
        except aiohttp.ClientError as error:
            raise OriginUnreachableError(str(error)) from error
        return response.without_headers(*_HOP_HEADERS)


def _create_timeout(read_timeout_seconds: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, sock_connect=_CONNECT_TIMEOUT_SECONDS, sock_read=read_timeout_seconds
    )


def create_session() -> aiohttp.ClientSession:
    """Return a session that forwards bodies unchanged, without decompression, cookies or connection limit."""
    return aiohttp.ClientSession(
        auto_decompress=False,
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_create_timeout(DEFAULT_READ_TIMEOUT_SECONDS),
        skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding"],
    )


def _encode_target(request: OriginRequest) -> str:
    """Return path and query string with only those characters encoded that no URL may contain."""
    query = f"?{quote(request.querystring, safe=_SAFE)}" if request.querystring else ""
    return f"{quote(request.uri, safe=_SAFE)}{query}"
