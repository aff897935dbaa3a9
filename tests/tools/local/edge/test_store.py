"""The cache keeps what was used last, within its memory."""

from tools.local.edge.cache_key import CacheKey
from tools.local.edge.messages import Answer, headers_of
from tools.local.edge.store import Store


class Clock:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def key(uri: str) -> CacheKey:
    return CacheKey(uri=uri, querystring="")


def answer(size: int) -> Answer:
    return Answer(status=200, body=bytes(size))


def test_an_entry_is_fresh_for_its_seconds_and_then_still_there() -> None:
    clock = Clock()
    store = Store(1_000, clock)
    store.put(key("/a"), answer(1), 30, complete=True)
    entry = store.get(key("/a"))
    assert entry is not None
    clock.now += 29.9
    assert store.is_fresh(entry)
    assert store.age_seconds(entry) == 29
    clock.now += 0.1
    assert not store.is_fresh(entry)
    assert store.get(key("/a")) is entry


def test_the_least_recently_used_goes_first() -> None:
    store = Store(100, Clock())
    for uri in ("/a", "/b", "/c"):
        store.put(key(uri), answer(33), 30, complete=True)
    store.get(key("/a"))
    store.put(key("/d"), answer(33), 30, complete=True)
    assert [uri for uri in ("/a", "/b", "/c", "/d") if store.get(key(uri))] == ["/a", "/c", "/d"]


def test_headers_count_and_what_is_too_large_is_not_kept() -> None:
    store = Store(100, Clock())
    store.put(key("/a"), answer(10), 30, complete=True)
    store.put(key("/b"), Answer(status=200, headers=headers_of(("X", "y" * 100))), 30, complete=True)
    assert store.get(key("/a"))
    assert store.get(key("/b")) is None


def test_a_new_answer_takes_the_place_of_the_old_one() -> None:
    store = Store(100, Clock())
    for _ in range(10):
        store.put(key("/a"), answer(60), 30, complete=True)
    store.put(key("/b"), answer(40), 30, complete=True)
    assert store.get(key("/a"))
    assert store.get(key("/b"))


def test_an_answer_too_large_takes_the_old_one_away() -> None:
    store = Store(100, Clock())
    store.put(key("/a"), answer(10), 30, complete=True)
    store.put(key("/a"), answer(1_000), 30, complete=True)
    assert store.get(key("/a")) is None


def test_an_invalidation_frees_the_memory() -> None:
    store = Store(100, Clock())
    store.put(key("/a/1"), answer(50), 30, complete=True)
    store.put(key("/b/1"), answer(50), 30, complete=True)
    store.invalidate("/a/*")
    assert store.get(key("/a/1")) is None
    store.put(key("/c"), answer(50), 30, complete=True)
    assert store.get(key("/b/1"))
