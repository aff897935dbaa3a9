"""Configuration of a distribution. `load_distribution` rejects features that the edge does not model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tools.local.edge.cache_key import KeyPolicy
from tools.local.edge.origin import Origin
from tools.local.edge.response_headers import HeadersPolicy
from tools.local.edge.ttl import DEFAULT_ERROR_SECONDS, Lifetimes


@dataclass(frozen=True, kw_only=True)
class ErrorResponse:
    """A custom error response.

    Attributes:
        caching_min_ttl: error caching minimum TTL in seconds.
        page_path: path of the page, with a leading slash; empty for the origin's own response.
        response_code: status that viewers receive with the page; 0 for the status of the error.
    """

    caching_min_ttl: int = DEFAULT_ERROR_SECONDS
    page_path: str = ""
    response_code: int = 0


@dataclass(frozen=True, kw_only=True)
class Failover:
    """The secondary origin of an origin group, and the failures of the primary origin that lead there.

    Source: CloudFront Developer Guide, "Optimize high availability with CloudFront origin failover".

    Attributes:
        origin: secondary origin, with custom headers, path and origin access control of its own.
        statuses: statuses of the primary origin. 503 includes a failed connection, 504 a timeout.
    """

    origin: Origin
    statuses: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class Behavior:
    """A cache behavior.

    Attributes:
        origin: the origin, or the primary origin of an origin group.
        failover: the rest of the origin group; None for a single origin.
        path_pattern: pattern with the wildcards `*` and `?`; None for the default behavior.
        methods: allowed methods; the edge rejects all others.
        cached_methods: methods whose responses are cached: GET and HEAD, which share an object, and possibly
            OPTIONS. Requests with other methods always reach the origin.
        forwarded_headers: viewer headers that reach the origin by an origin request policy, in lower case.
        function_arn: published version of the function for origin requests.
        viewer_function_arn: CloudFront Function for viewer requests.
    """

    path_pattern: str | None
    origin: Origin
    methods: frozenset[str]
    key_policy: KeyPolicy
    lifetimes: Lifetimes
    cached_methods: frozenset[str] = frozenset({"GET", "HEAD"})
    headers_policy: HeadersPolicy = field(default_factory=HeadersPolicy)
    failover: Failover | None = None
    forwarded_headers: tuple[str, ...] = ()
    function_arn: str | None = None
    viewer_function_arn: str | None = None

    @property
    def origins(self) -> tuple[Origin, ...]:
        """The origins in the order in which CloudFront tries them."""
        return (self.origin, self.failover.origin) if self.failover else (self.origin,)

    def after_failure(self, method: str, status: int | None) -> "Behavior | None":
        """Return the behavior by which a failed request goes to the secondary origin.

        Args:
            method: method of the viewer. CloudFront fails over only for methods that are cached.
            status: status of the origin's response, or `EdgeError.failover_status`.

        Returns:
            A behavior with the secondary origin only; None if the failure is final.
        """
        if self.failover is None or method not in self.cached_methods or status not in self.failover.statuses:
            return None
        return replace(self, origin=self.failover.origin, failover=None)

    def matches(self, uri: str) -> bool:
        """Return True if the pattern matches a path. The leading slash of a pattern is optional."""
        if self.path_pattern is None:
            return True
        wildcards = {"*": ".*", "?": "."}
        pattern = "".join(
            wildcards.get(char, re.escape(char)) for char in f"/{self.path_pattern.removeprefix('/')}"
        )
        return re.fullmatch(pattern, uri, re.DOTALL) is not None


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """An applied distribution.

    Attributes:
        behaviors: cache behaviors in order of precedence, the default behavior last.
        error_responses: status of an error => custom error response.
        root_object: object for `/`; empty if there is none.
    """

    id: str
    domain_name: str
    behaviors: tuple[Behavior, ...]
    error_responses: Mapping[int, ErrorResponse] = field(default_factory=dict)
    root_object: str = ""

    def behavior_for(self, uri: str) -> Behavior:
        """Return the first behavior that matches a path."""
        return next(behavior for behavior in self.behaviors if behavior.matches(uri))

    def error_response(self, status: int) -> ErrorResponse:
        """Return the custom error response for a status, or CloudFront's default."""
        return self.error_responses.get(status, ErrorResponse())

    def is_error_page(self, uri: str) -> bool:
        """Return True if a path is the page of a custom error response."""
        return any(response.page_path == uri for response in self.error_responses.values())
