"""Requests and responses at the edge."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Self

from multidict import CIMultiDict, CIMultiDictProxy

type Headers = CIMultiDictProxy[str]


def make_headers(*pairs: tuple[str, str]) -> Headers:
    """Return immutable headers with case-insensitive names, which may be repeated."""
    return CIMultiDictProxy(CIMultiDict(pairs))


def make_event_headers(headers: Iterable[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    """Return headers as Lambda@Edge events have them: lower-case name => keys and values."""
    result: dict[str, list[dict[str, str]]] = {}
    for name, value in headers:
        result.setdefault(name.lower(), []).append({"key": name, "value": value})
    return result


@dataclass(frozen=True, kw_only=True)
class ViewerRequest:
    """A request of a viewer.

    Attributes:
        uri: path, byte for byte as received, percent-encoded or not.
        querystring: query string without the question mark.
        has_body: True if the request has a body.
    """

    method: str
    uri: str
    querystring: str = ""
    headers: Headers = field(default_factory=make_headers)
    client_ip: str = "127.0.0.1"
    has_body: bool = False

    @property
    def url(self) -> str:
        """Path and query string."""
        return f"{self.uri}?{self.querystring}" if self.querystring else self.uri

    @property
    def url_size(self) -> int:
        """Size of path and query string in bytes."""
        return len(f"{self.uri}?{self.querystring}".encode())


@dataclass(frozen=True, kw_only=True)
class Response:
    """Status, headers and body. The response to a HEAD request has the headers of the omitted body."""

    status: int
    headers: Headers = field(default_factory=make_headers)
    body: bytes = b""

    def with_headers(self, *pairs: tuple[str, str]) -> Self:
        """Return a copy with these headers, which replace headers of the same names."""
        headers = CIMultiDict(self.headers)
        for name, value in pairs:
            headers[name] = value
        return replace(self, headers=CIMultiDictProxy(headers))

    def without_headers(self, *names: str) -> Self:
        """Return a copy without the headers of these names."""
        gone = {name.lower() for name in names}
        kept = [(name, value) for name, value in self.headers.items() if name.lower() not in gone]
        return replace(self, headers=make_headers(*kept))
