"""The cache: responses by key, the least recently used thrown out when the memory is full."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.local.edge.cache_key import CacheKey
from tools.local.edge.messages import Response


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """An response in the cache.

    Attributes:
        response: as the origin or the function gave it.
        stored_at: when it came, in seconds since the epoch.
        expires_at: when it expires.
        fresh_until: when the origin has to be asked again: after `expires_at` if the origin fails meanwhile.
        complete: False for the response to a HEAD request, which serves no GET.
        is_error: whether it stands for an error, which a custom error response may have made a 200.
    """

    response: Response
    stored_at: float
    expires_at: float
    fresh_until: float
    complete: bool
    is_error: bool

    @property
    def size(self) -> int:
        """Bytes it takes, about."""
        return len(self.response.body) + sum(
            len(name) + len(value) for name, value in self.response.headers.items()
        )


class Cache:
    """Entries up to a number of bytes."""

    def __init__(self, max_bytes: int, clock: Callable[[], float]) -> None:
        """An empty cache.

        Args:
            max_bytes: of all entries together; a larger response is not kept.
            clock: seconds since the epoch.
        """
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[CacheKey, CacheEntry] = OrderedDict()
        self._bytes = 0

    def get(self, key: CacheKey) -> CacheEntry | None:
        """The entry of a key, fresh or not."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def is_fresh(self, entry: CacheEntry) -> bool:
        """Whether an entry may be served without asking the origin."""
        return self._clock() < entry.fresh_until

    def age_seconds(self, entry: CacheEntry) -> int:
        """How long ago an entry came from the origin."""
        return int(self._clock() - entry.stored_at)

    def put(
        self, key: CacheKey, response: Response, seconds: int, *, complete: bool, is_error: bool = False
    ) -> None:
        """Keep an response for some seconds, in place of any older one."""
        now = self._clock()
        end = now + seconds
        self._insert(
            key,
            CacheEntry(
                response=response,
                stored_at=now,
                expires_at=end,
                fresh_until=end,
                complete=complete,
                is_error=is_error,
            ),
        )

    def serve_stale(self, key: CacheKey, entry: CacheEntry, seconds: int) -> None:
        """Serve an expired entry for some seconds more before the origin is asked again."""
        self._insert(key, replace(entry, fresh_until=self._clock() + seconds))

    def _insert(self, key: CacheKey, entry: CacheEntry) -> None:
        self._remove(key)
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
