"""Requests on the wire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass(frozen=True, kw_only=True)
class WireRequest:
    """A received request.

    Attributes:
        path: percent-encoded path without the query string.
        headers: lower-case name => value.
    """

    method: str
    path: str
    querystring: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def query(self) -> dict[str, list[str]]:
        """Parameters of the query string."""
        return parse_qs(self.querystring, keep_blank_values=True)
