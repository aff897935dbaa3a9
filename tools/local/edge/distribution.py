"""A distribution as far as the edge needs it. `reading` refuses what the edge does not model."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from tools.local.edge.cache_key import KeyPolicy
from tools.local.edge.response_headers import HeadersPolicy
from tools.local.edge.ttl import Lifetimes


@dataclass(frozen=True, kw_only=True)
class S3Origin:
    """A bucket that CloudFront reads with origin access control."""

    domain_name: str
    path: str = ""
    custom_headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_object_lambda(self) -> bool:
        """Whether the bucket's name is the alias of an S3 Object Lambda access point."""
        return self.domain_name.partition(".")[0].endswith("--ol-s3")


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
        error_minimums: error caching minimum TTL in seconds by status, where it is set.
        root_object: what `/` stands for, empty for nothing.
    """

    id: str
    domain_name: str
    behaviors: tuple[Behavior, ...]
    error_minimums: Mapping[int, int] = field(default_factory=dict)
    root_object: str = ""

    def behavior_for(self, uri: str) -> Behavior:
        """The first behaviour whose pattern matches a path."""
        return next(behavior for behavior in self.behaviors if behavior.matches(uri))
