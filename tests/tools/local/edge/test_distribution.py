"""Selection of the behavior for a path."""

import pytest

from tools.local.edge.cache_key import KeyPolicy, QueryBehavior
from tools.local.edge.distribution import Behavior, Distribution
from tools.local.edge.origin import S3Origin
from tools.local.edge.ttl import Lifetimes


def behavior(pattern: str | None) -> Behavior:
    return Behavior(
        path_pattern=pattern,
        origin=S3Origin(domain_name="b.s3.amazonaws.com"),
        methods=frozenset({"GET"}),
        key_policy=KeyPolicy(query=QueryBehavior.NONE),
        lifetimes=Lifetimes(minimum=0, default=0, maximum=0),
    )


@pytest.mark.parametrize(
    ("uri", "pattern"),
    [
        ("/images/a.jpg", "images/*.jpg"),
        ("/images/b/c.jpg", "images/*.jpg"),
        ("/images/a.png", None),
        ("/v1/x", "/v?/*"),
        ("/v10/x", None),
        ("/aXjpg", None),
        ("/a.jpg", "/a.jpg"),
    ],
)
def test_the_first_match_is_selected(uri: str, pattern: str | None) -> None:
    patterns = ("images/*.jpg", "/v?/*", "/a.jpg", None)
    distribution = Distribution(
        id="E", domain_name="d.cloudfront.net", behaviors=tuple(behavior(found) for found in patterns)
    )
    assert distribution.behavior_for(uri).path_pattern == pattern
