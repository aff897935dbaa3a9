"""Cache keys and forwarded query strings by the cache policy."""

import pytest

from tools.local.edge.cache_key import (
    CacheKey,
    KeyPolicy,
    QueryBehavior,
    forward_query,
    make_cache_key,
    normalize_accept_encoding,
)
from tools.local.edge.messages import ViewerRequest, make_headers

ALLOW_LIST = KeyPolicy(query=QueryBehavior.WHITELIST, query_names=frozenset({"size", "to_webp"}))


@pytest.mark.parametrize(
    ("querystring", "forwarded"),
    [
        ("", ""),
        ("size=S", "size=S"),
        ("utm=1&size=S&v=2&to_webp=1", "size=S&to_webp=1"),
        ("to_webp=1&size=S", "to_webp=1&size=S"),
        ("size=S&size=M", "size=S&size=M"),
        ("SIZE=S", ""),
        ("size=s", "size=s"),
        ("size", "size"),
        ("size=", "size="),
        ("size=S;to_webp=1", "size=S;to_webp=1"),
        ("v=1;size=S", ""),
        ("%73ize=S", ""),
        ("&&size=S&", "size=S"),
        ("size=%E2%82%AC+x", "size=%E2%82%AC+x"),
    ],
)
def test_an_allow_list_keeps_spelling_and_order(querystring: str, forwarded: str) -> None:
    assert forward_query(querystring, ALLOW_LIST) == forwarded


@pytest.mark.parametrize(
    ("behavior", "forwarded"),
    [
        (QueryBehavior.NONE, ""),
        (QueryBehavior.ALL, "a=1&b=2&a=3"),
        (QueryBehavior.ALL_EXCEPT, "b=2"),
        (QueryBehavior.WHITELIST, "a=1&a=3"),
    ],
)
def test_each_behavior_of_a_policy(behavior: QueryBehavior, forwarded: str) -> None:
    policy = KeyPolicy(query=behavior, query_names=frozenset({"a"}))
    assert forward_query("a=1&b=2&a=3", policy) == forwarded


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ViewerRequest(method="GET", uri="/a"), ViewerRequest(method="HEAD", uri="/a"), True),
        (ViewerRequest(method="GET", uri="/a"), ViewerRequest(method="GET", uri="/A"), False),
        (ViewerRequest(method="GET", uri="/a b"), ViewerRequest(method="GET", uri="/a%20b"), False),
        (
            ViewerRequest(method="GET", uri="/a", querystring="size=S&x=1"),
            ViewerRequest(method="GET", uri="/a", querystring="size=S&x=2"),
            True,
        ),
        (
            ViewerRequest(method="GET", uri="/a", querystring="size=S&to_webp=1"),
            ViewerRequest(method="GET", uri="/a", querystring="to_webp=1&size=S"),
            False,
        ),
        (
            ViewerRequest(
                method="GET", uri="/a", headers=make_headers(("Cookie", "a=1"), ("Accept-Encoding", "br"))
            ),
            ViewerRequest(method="GET", uri="/a"),
            True,
        ),
    ],
)
def test_requests_for_the_same_object_share_a_key(
    one: ViewerRequest, other: ViewerRequest, *, same: bool
) -> None:
    assert (make_cache_key(one, ALLOW_LIST) == make_cache_key(other, ALLOW_LIST)) is same


def test_empty_parameters_are_dropped() -> None:
    policy = KeyPolicy(query=QueryBehavior.ALL_EXCEPT, query_names=frozenset({"a"}))
    assert forward_query("&&b=2&a=1&", policy) == "b=2"


def test_headers_of_the_policy_split_the_cache() -> None:
    policy = KeyPolicy(query=QueryBehavior.NONE, header_names=("accept-language",))
    german = ViewerRequest(method="GET", uri="/a", headers=make_headers(("Accept-Language", "de")))
    assert make_cache_key(german, policy) != make_cache_key(ViewerRequest(method="GET", uri="/a"), policy)


@pytest.mark.parametrize(
    ("sent", "gzip", "brotli", "normalized"),
    [
        ("gzip, deflate, br", True, True, "br,gzip"),
        ("GZIP;q=1.0", True, True, "gzip"),
        ("gzip, br", True, False, "gzip"),
        ("gzip, br", False, False, ""),
        ("identity", True, True, ""),
    ],
)
def test_accept_encoding_is_normalized(sent: str, *, gzip: bool, brotli: bool, normalized: str) -> None:
    policy = KeyPolicy(query=QueryBehavior.NONE, gzip=gzip, brotli=brotli)
    request = ViewerRequest(method="GET", uri="/a", headers=make_headers(("Accept-Encoding", sent)))
    assert normalize_accept_encoding(request, policy) == normalized


@pytest.mark.parametrize(
    ("path", "uri", "querystring", "hit"),
    [
        ("/images/a.jpg", "/images/a.jpg", "", True),
        ("/images/a.jpg", "/images/a.jpg", "size=S", False),
        ("/images/a.jpg?size=S", "/images/a.jpg", "size=S", True),
        ("/images/a.jpg*", "/images/a.jpg", "size=S&to_webp=1", True),
        ("/images/a.jpg*", "/images/a.jpeg", "", False),
        ("/images/*", "/images/b/c.jpg", "", True),
        ("/images*", "/imagesets/c.jpg", "", True),
        ("/*", "/anything", "size=S", True),
        ("/images/A.jpg", "/images/a.jpg", "", False),
        ("/im*ges/a.jpg", "/images/a.jpg", "", False),
        ("/caf%C3%A9.jpg", "/caf%c3%a9.jpg", "", True),
        ("/a%20b.jpg*", "/a%20b.jpg", "size=M", True),
        ("/a+b.jpg", "/a%20b.jpg", "", False),
    ],
)
def test_invalidation_paths(path: str, uri: str, querystring: str, *, hit: bool) -> None:
    assert CacheKey(uri=uri, querystring=querystring).matches(path) is hit
