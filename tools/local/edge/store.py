"""The cache: answers by key, the least recently used thrown out when the memory is full."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tools.local.edge.cache_key import CacheKey
from tools.local.edge.messages import Answer


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An answer in the cache.

    Attributes:
        answer: as the origin or the function gave it.
        stored_at: when it came, in seconds since the epoch.
        fresh_until: when the origin has to be asked again.
        complete: False for the answer to a HEAD request, which serves no GET.
    """

    answer: Answer
    stored_at: float
    fresh_until: float
    complete: bool

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return len(self.answer.body) + sum(
            len(name) + len(value) for name, value in self.answer.headers.items()
        )


class Store:
    """Entries up to a number of bytes."""

    def __init__(self, max_bytes: int, clock: Callable[[], float]) -> None:
        """An empty cache.

        Args:
            max_bytes: of all entries together; a larger answer is not kept.
            clock: seconds since the epoch.
        """
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[CacheKey, Entry] = OrderedDict()
        self._bytes = 0

    def get(self, key: CacheKey) -> Entry | None:
        """The entry of a key, fresh or not."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def is_fresh(self, entry: Entry) -> bool:
        """Whether an entry may be served without asking the origin."""
        return self._clock() < entry.fresh_until

    def age_seconds(self, entry: Entry) -> int:
        """How long ago an entry came from the origin."""
        return int(self._clock() - entry.stored_at)

    def put(self, key: CacheKey, answer: Answer, seconds: int, *, complete: bool) -> None:
        """Keep an answer for some seconds, in place of any older one."""
        self._remove(key)
        now = self._clock()
        entry = Entry(answer=answer, stored_at=now, fresh_until=now + seconds, complete=complete)
        if entry.size > self._max_bytes:
            return
        self._entries[key] = entry
        self._bytes += entry.size
        while self._bytes > self._max_bytes:
            self._remove(next(iter(self._entries)))

    def invalidate(self, path: str) -> None:
        """Forget every object an invalidation path means."""
        for key in [key for key in self._entries if key.matches(path)]:
            self._remove(key)

    def _remove(self, key: CacheKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size
