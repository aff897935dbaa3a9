"""The headers of an response to a viewer: the response headers policy, and what CloudFront adds itself."""

import base64
import secrets
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from multidict import CIMultiDict, CIMultiDictProxy

from tools.local.edge.messages import Response

# One made-up name for this edge, in the form of a real one.
_SERVER_NAME = f"{secrets.token_hex(16)}.cloudfront.net"
VIA = f"1.1 {_SERVER_NAME} (CloudFront)"
"""Via in responses, and in requests to functions and origins."""
POINT_OF_PRESENCE = "LOC50-C1"


@dataclass(frozen=True, kw_only=True)
class PolicyHeader:
    """A header that a policy sets; without `override` the origin's own value stays."""

    name: str
    value: str
    override: bool


@dataclass(frozen=True, kw_only=True)
class Cors:
    """What pages of other sites may read. Preflight requests are not modelled: the methods here need none.

    Attributes:
        origins: `*`, an origin, or one with `*` as the leftmost part of its domain.
        override: whether these headers take the place of the origin server's own.
    """

    origins: tuple[str, ...]
    exposed_headers: tuple[str, ...] = ()
    credentials: bool = False
    override: bool = False

    def headers_for(self, origin: str | None) -> list[PolicyHeader]:
        """The headers for a page from an origin; none for a request that names no origin."""
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
    """A response headers policy. Empty where a behaviour has none."""

    headers: tuple[PolicyHeader, ...] = ()
    removed: tuple[str, ...] = ()
    cors: Cors | None = None

    def apply(self, response: Response, origin: str | None) -> Response:
        """The response with headers removed first and then set, as CloudFront does.

        Args:
            response: for a viewer.
            origin: the viewer's Origin header.
        """
        headers = CIMultiDict(response.headers)
        for name in self.removed:
            headers.popall(name, None)
        for header in (*(self.cors.headers_for(origin) if self.cors else ()), *self.headers):
            if header.override or header.name not in headers:
                headers[header.name] = header.value
        return replace(response, headers=CIMultiDictProxy(headers))


def create_request_id() -> str:
    """An id in the form of X-Amz-Cf-Id."""
    return base64.urlsafe_b64encode(secrets.token_bytes(40)).decode("ascii")


def add_cloudfront_headers(response: Response, *, x_cache: str, request_id: str, age: int | None) -> Response:
    """The response as it leaves for the viewer.

    Args:
        response: from the cache, the origin, a function or the edge itself.
        x_cache: first word of X-Cache, such as `Hit`.
        request_id: of this viewer's request.
        age: seconds in the cache, None for an response that just came.
    """
    own = [
        ("Server", response.headers.get("Server", "CloudFront")),
        ("X-Cache", f"{x_cache} from cloudfront"),
        ("Via", VIA),
        ("X-Amz-Cf-Pop", POINT_OF_PRESENCE),
        ("X-Amz-Cf-Id", request_id),
    ]
    return response.with_headers(*own, *([] if age is None else [("Age", str(age))]))
