"""A distribution as far as the edge needs it. `reading` refuses what the edge does not model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.local.edge.cache_key import KeyPolicy
from tools.local.edge.response_headers import HeadersPolicy
from tools.local.edge.ttl import DEFAULT_ERROR_SECONDS, Lifetimes

# CloudFront Developer Guide, "Amazon S3 origin": the forms of a bucket's domain name.
_BUCKET_DOMAIN = re.compile(r"(?P<bucket>.+)\.s3[.-]?(?P<region>[a-z0-9-]+)?\.amazonaws\.com")
_GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class S3Origin:
    """A bucket that CloudFront reads with origin access control."""

    domain_name: str
    path: str = ""
    custom_headers: tuple[tuple[str, str], ...] = ()

    @property
    def bucket(self) -> str:
        """Name of the bucket, or alias of the access point."""
        return self._domain["bucket"]

    @property
    def region(self) -> str:
        """Region of the bucket; us-east-1 for a domain name without one."""
        return self._domain["region"] or _GLOBAL_REGION

    @property
    def is_object_lambda(self) -> bool:
        """Whether the bucket's name is the alias of an S3 Object Lambda access point."""
        return self.domain_name.partition(".")[0].endswith("--ol-s3")

    @property
    def _domain(self) -> re.Match[str]:
        found = _BUCKET_DOMAIN.fullmatch(self.domain_name)
        if found is None:
            raise ValueError(f"{self.domain_name} is not the domain name of a bucket.")
        return found


@dataclass(frozen=True, kw_only=True)
class CustomOrigin:
    """An HTTPS server.

    Attributes:
        access_control: CloudFront signs for it; it is a function URL.
    """

    domain_name: str
    path: str = ""
    custom_headers: tuple[tuple[str, str], ...] = ()
    access_control: bool = False

    @property
    def region(self) -> str:
        """Region in the domain name of a function URL, `ID.lambda-url.REGION.on.aws`."""
        return self.domain_name.split(".")[2]


@dataclass(frozen=True, kw_only=True)
class ErrorResponse:
    """A custom error response: what viewers get for an error, and for how long.

    Attributes:
        caching_min_ttl: error caching minimum TTL in seconds.
        page_path: path of the page, with a slash in front; empty for the origin's own response.
        response_code: status for the viewer together with the page; 0 for that of the error.
    """

    caching_min_ttl: int = DEFAULT_ERROR_SECONDS
    page_path: str = ""
    response_code: int = 0


@dataclass(frozen=True, kw_only=True)
class Behavior:
    """A cache behaviour.

    Attributes:
        path_pattern: `*` and `?` are wildcards; None for the default behaviour.
        function_arn: the published version that runs on origin requests.
    """

    path_pattern: str | None
    origin: S3Origin | CustomOrigin
    methods: frozenset[str]
    key_policy: KeyPolicy
    lifetimes: Lifetimes
    headers_policy: HeadersPolicy = field(default_factory=HeadersPolicy)
    function_arn: str | None = None

    def matches(self, uri: str) -> bool:
        """Whether this behaviour serves a path; a leading slash in the pattern may be missing."""
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
        behaviors: in order of precedence, the default one last.
        error_responses: custom error response by status of the error.
        root_object: what `/` stands for, empty for nothing.
    """

    id: str
    domain_name: str
    behaviors: tuple[Behavior, ...]
    error_responses: Mapping[int, ErrorResponse] = field(default_factory=dict)
    root_object: str = ""

    def behavior_for(self, uri: str) -> Behavior:
        """The first behaviour whose pattern matches a path."""
        return next(behavior for behavior in self.behaviors if behavior.matches(uri))

    def error_response(self, status: int) -> ErrorResponse:
        """The custom error response for a status, or CloudFront's default."""
        return self.error_responses.get(status, ErrorResponse())

    def is_error_page(self, uri: str) -> bool:
        """Whether a path is the page of a custom error response."""
        return any(response.page_path == uri for response in self.error_responses.values())
