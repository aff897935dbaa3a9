"""Cache keys, and the query strings that CloudFront forwards to the origin.

Source: CloudFront Developer Guide, "Controlling the cache key" and "Caching content based on query string
parameters": names are case-sensitive, the order of the viewer's parameters matters, and only `&` separates
parameters.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from tools.local.edge.messages import ViewerRequest


class QueryBehavior(StrEnum):
    """Selection of query parameters for the cache key."""

    NONE = "none"
    WHITELIST = "whitelist"
    ALL_EXCEPT = "allExcept"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """The part of a cache policy that determines the cache key.

    Attributes:
        query: selection of query parameters.
        query_names: parameters of `whitelist` and `allExcept`.
        header_names: viewer headers in the key, in lower case.
        gzip: True if gzip in Accept-Encoding is part of the key.
        brotli: True if br in Accept-Encoding is part of the key.
    """

    query: QueryBehavior
    query_names: frozenset[str] = frozenset()
    header_names: tuple[str, ...] = ()
    gzip: bool = False
    brotli: bool = False


@dataclass(frozen=True, kw_only=True)
class CacheKey:
    """Key of an object in the cache of a distribution.

    Attributes:
        is_options: True for the response to an OPTIONS request, which is cached apart from the object.
    """

    uri: str
    querystring: str
    headers: tuple[tuple[str, str], ...] = ()
    is_options: bool = False

    def matches(self, invalidation_path: str) -> bool:
        """Return True if an invalidation path matches this object.

        A path matches one object including the forwarded query string. A trailing `*` matches any characters.
        Both sides are percent-decoded first, since a byte has several encodings.
        """
        target = f"{self.uri}?{self.querystring}" if self.querystring else self.uri
        own, other = unquote_to_bytes(target), unquote_to_bytes(invalidation_path.removesuffix("*"))
        return own.startswith(other) if invalidation_path.endswith("*") else own == other


def make_cache_key(request: ViewerRequest, policy: KeyPolicy) -> CacheKey:
    """Return the cache key of a request. GET and HEAD share a key."""
    headers = [
        (name, ",".join(request.headers.getall(name)))
        for name in policy.header_names
        if name in request.headers
    ]
    encoding = normalize_accept_encoding(request, policy)
    if encoding:
        headers.append(("accept-encoding", encoding))
    return CacheKey(
        uri=request.uri,
        querystring=forward_query(request.querystring, policy),
        headers=tuple(headers),
        is_options=request.method == "OPTIONS",
    )


def forward_query(querystring: str, policy: KeyPolicy) -> str:
    """Return the parameters that the policy forwards, in the viewer's spelling and order."""
    if policy.query is QueryBehavior.ALL:
        return querystring
    if policy.query is QueryBehavior.NONE:
        return ""
    wanted = policy.query is QueryBehavior.WHITELIST
    parameters = (part for part in querystring.split("&") if part)
    return "&".join(part for part in parameters if (part.partition("=")[0] in policy.query_names) is wanted)


def normalize_accept_encoding(request: ViewerRequest, policy: KeyPolicy) -> str:
    """Return Accept-Encoding as CloudFront normalizes the header: `br,gzip`, `br`, `gzip` or empty."""
    offered = {
        part.partition(";")[0].strip().lower()
        for value in request.headers.getall("Accept-Encoding", [])
        for part in value.split(",")
    }
    enabled = [name for name, on in (("br", policy.brotli), ("gzip", policy.gzip)) if on]
    return ",".join(name for name in enabled if name in offered)
