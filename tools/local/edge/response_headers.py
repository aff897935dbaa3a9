"""Headers of responses to viewers: the response headers policy and CloudFront's own headers."""

import base64
import secrets
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from multidict import CIMultiDict, CIMultiDictProxy

from tools.local.edge.messages import Response

# A random name in the form of a real one.
_SERVER_NAME = f"{secrets.token_hex(16)}.cloudfront.net"
VIA = f"1.1 {_SERVER_NAME} (CloudFront)"
"""Via header of responses, events and origin requests."""
POINT_OF_PRESENCE = "LOC50-C1"


@dataclass(frozen=True, kw_only=True)
class PolicyHeader:
    """A header of a policy. Without `override` the origin's value has precedence."""

    name: str
    value: str
    override: bool


@dataclass(frozen=True, kw_only=True)
class Cors:
    """CORS headers. Preflight requests are not modelled, since GET and HEAD do not need them.

    Attributes:
        origins: allowed origins: `*`, an origin, or an origin whose domain starts with `*`.
        override: True if these headers replace the origin server's.
    """

    origins: tuple[str, ...]
    exposed_headers: tuple[str, ...] = ()
    credentials: bool = False
    override: bool = False

    def headers_for(self, origin: str | None) -> list[PolicyHeader]:
        """Return the headers for a page from an origin; none for a request without an origin."""
        if origin is None or not any(fnmatchcase(origin, pattern) for pattern in self.origins):
            return []
        allowed = "*" if "*" in self.origins else origin
        found = [("Access-Control-Allow-Origin", allowed)]
        if self.credentials:
            found.append(("Access-Control-Allow-Credentials", "true"))
        if self.exposed_headers:
            found.append(("Access-Control-Expose-Headers", ", ".join(self.exposed_headers)))
        return [PolicyHeader(name=name, value=value, override=self.override) for name, value in found]


@dataclass(frozen=True, kw_only=True)
class HeadersPolicy:
    """A response headers policy; empty for a behavior without one."""

    headers: tuple[PolicyHeader, ...] = ()
    removed: tuple[str, ...] = ()
    cors: Cors | None = None

    def apply(self, response: Response, origin: str | None) -> Response:
        """Remove and then set headers, in CloudFront's order.

        Args:
            response: response to a viewer.
            origin: Origin header of the viewer's request.
        """
        headers = CIMultiDict(response.headers)
        for name in self.removed:
            headers.popall(name, None)
        for header in (*(self.cors.headers_for(origin) if self.cors else ()), *self.headers):
            if header.override or header.name not in headers:
                headers[header.name] = header.value
        return replace(response, headers=CIMultiDictProxy(headers))


def create_request_id() -> str:
    """Return a random ID in the form of X-Amz-Cf-Id."""
    return base64.urlsafe_b64encode(secrets.token_bytes(40)).decode("ascii")


def add_cloudfront_headers(response: Response, *, x_cache: str, request_id: str, age: int | None) -> Response:
    """Return the response as sent to the viewer.

    Args:
        response: response of the cache, the origin, a function or the edge.
        x_cache: first word of X-Cache, such as `Hit`.
        request_id: ID of the viewer's request.
        age: seconds in the cache; None for a response that just arrived.
    """
    own = [
        ("Server", response.headers.get("Server", "CloudFront")),
        ("X-Cache", f"{x_cache} from cloudfront"),
        ("Via", VIA),
        ("X-Amz-Cf-Pop", POINT_OF_PRESENCE),
        ("X-Amz-Cf-Id", request_id),
    ]
    return response.with_headers(*own, *([] if age is None else [("Age", str(age))]))
