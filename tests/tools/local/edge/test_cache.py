"""Freshness, eviction and invalidation of cache entries."""

from tools.local.edge.cache import Cache
from tools.local.edge.cache_key import CacheKey
from tools.local.edge.messages import Response, make_headers


class Clock:
    """A clock that advances only by assignment."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def key(uri: str) -> CacheKey:
    return CacheKey(uri=uri, querystring="")


def response(size: int) -> Response:
    return Response(status=200, body=bytes(size))


def test_an_expired_entry_is_kept() -> None:
    clock = Clock()
    cache = Cache(1_000, clock)
    cache.put(key("/a"), response(1), 30, complete=True)
    entry = cache.get(key("/a"))
    assert entry is not None
    clock.now += 29.9
    assert cache.is_fresh(entry)
    assert cache.age_seconds(entry) == 29
    clock.now += 0.1
    assert not cache.is_fresh(entry)
    assert cache.get(key("/a")) is entry


def test_the_least_recently_used_entry_is_evicted_first() -> None:
    cache = Cache(100, Clock())
    for uri in ("/a", "/b", "/c"):
        cache.put(key(uri), response(33), 30, complete=True)
    cache.get(key("/a"))
    cache.put(key("/d"), response(33), 30, complete=True)
    assert [uri for uri in ("/a", "/b", "/c", "/d") if cache.get(key(uri))] == ["/a", "/c", "/d"]


def test_headers_count_and_a_response_too_large_is_not_cached() -> None:
    cache = Cache(100, Clock())
    cache.put(key("/a"), response(10), 30, complete=True)
    cache.put(key("/b"), Response(status=200, headers=make_headers(("X", "y" * 100))), 30, complete=True)
    assert cache.get(key("/a"))
    assert cache.get(key("/b")) is None


def test_a_new_response_replaces_the_old_one() -> None:
    cache = Cache(100, Clock())
    for _ in range(10):
        cache.put(key("/a"), response(60), 30, complete=True)
    cache.put(key("/b"), response(40), 30, complete=True)
    assert cache.get(key("/a"))
    assert cache.get(key("/b"))


def test_a_response_too_large_removes_the_old_one() -> None:
    cache = Cache(100, Clock())
    cache.put(key("/a"), response(10), 30, complete=True)
    cache.put(key("/a"), response(1_000), 30, complete=True)
    assert cache.get(key("/a")) is None


def test_an_invalidation_frees_the_memory() -> None:
    cache = Cache(100, Clock())
    cache.put(key("/a/1"), response(50), 30, complete=True)
    cache.put(key("/b/1"), response(50), 30, complete=True)
    cache.invalidate("/a/*")
    assert cache.get(key("/a/1")) is None
    cache.put(key("/c"), response(50), 30, complete=True)
    assert cache.get(key("/b/1"))
