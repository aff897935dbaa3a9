"""The cache key, and the part of a query string that goes to the origin.

Source: CloudFront Developer Guide, "Controlling the cache key" and "Caching content based on query string
parameters": names are compared with their case, the order in which the viewer sent the parameters counts, and
`&` alone separates them.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote_to_bytes

from tools.local.edge.messages import ViewerRequest


class QueryBehavior(StrEnum):
    """Which query parameters count."""

    NONE = "none"
    WHITELIST = "whitelist"
    ALL_EXCEPT = "allExcept"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class KeyPolicy:
    """What a cache policy puts into the cache key.

    Attributes:
        query: which query parameters count.
        query_names: the names `query` speaks of, for `whitelist` and `allExcept`.
        header_names: viewer headers in the key, in lower case.
        gzip: whether gzip in Accept-Encoding splits the cache.
        brotli: whether br in Accept-Encoding splits the cache.
    """

    query: QueryBehavior
    query_names: frozenset[str] = frozenset()
    header_names: tuple[str, ...] = ()
    gzip: bool = False
    brotli: bool = False


@dataclass(frozen=True, kw_only=True)
class CacheKey:
    """One object in the cache of a distribution."""

    uri: str
    querystring: str
    headers: tuple[tuple[str, str], ...] = ()

    def matches(self, invalidation_path: str) -> bool:
        """Whether an invalidation path means this object.

        A path names one object with its forwarded query string; a `*` at the end stands for any characters.
        Percent-encoding is undone on both sides, as one byte has several spellings.
        """
        target = f"{self.uri}?{self.querystring}" if self.querystring else self.uri
        mine, theirs = unquote_to_bytes(target), unquote_to_bytes(invalidation_path.removesuffix("*"))
        return mine.startswith(theirs) if invalidation_path.endswith("*") else mine == theirs


def make_cache_key(request: ViewerRequest, policy: KeyPolicy) -> CacheKey:
    """The key of a viewer's request. GET and HEAD have the same."""
    headers = [
        (name, ",".join(request.headers.getall(name)))
        for name in policy.header_names
        if name in request.headers
    ]
    encoding = normalize_accept_encoding(request, policy)
    if encoding:
        headers.append(("accept-encoding", encoding))
    return CacheKey(
        uri=request.uri, querystring=forward_query(request.querystring, policy), headers=tuple(headers)
    )


def forward_query(querystring: str, policy: KeyPolicy) -> str:
    """The parameters that the policy lets through, spelled and ordered as the viewer sent them."""
    if policy.query is QueryBehavior.ALL:
        return querystring
    if policy.query is QueryBehavior.NONE:
        return ""
    wanted = policy.query is QueryBehavior.WHITELIST
    parameters = (part for part in querystring.split("&") if part)
    return "&".join(part for part in parameters if (part.partition("=")[0] in policy.query_names) is wanted)


def normalize_accept_encoding(request: ViewerRequest, policy: KeyPolicy) -> str:
    """Accept-Encoding as CloudFront normalises it: `br,gzip`, `br`, `gzip` or empty."""
    offered = {
        part.partition(";")[0].strip().lower()
        for value in request.headers.getall("Accept-Encoding", [])
        for part in value.split(",")
    }
    enabled = [name for name, on in (("br", policy.brotli), ("gzip", policy.gzip)) if on]
    return ",".join(name for name in enabled if name in offered)
