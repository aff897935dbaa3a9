"""The cache: responses by cache key, with eviction of the least recently used."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from tools.local.edge.cache_key import CacheKey
from tools.local.edge.messages import Response


@dataclass(frozen=True, kw_only=True)
class CacheEntry:
    """A cached response.

    Attributes:
        response: response of the origin or the function.
        stored_at: time of arrival, in seconds since the epoch.
        expires_at: time of expiry, in seconds since the epoch.
        fresh_until: time of the next origin request; later than `expires_at` if the origin failed meanwhile.
        complete: False for the response to a HEAD request, which cannot serve a GET.
        is_error: True for an error, even if a custom error response changed the status to 200.
    """

    response: Response
    stored_at: float
    expires_at: float
    fresh_until: float
    complete: bool
    is_error: bool

    @property
    def size(self) -> int:
        """Approximate size in bytes."""
        return len(self.response.body) + sum(
            len(name) + len(value) for name, value in self.response.headers.items()
        )


class Cache:
    """Cache entries up to a total size.

    Args:
        max_bytes: maximum size of all entries; larger responses are not cached.
        clock: current time in seconds since the epoch.
    """

    def __init__(self, max_bytes: int, clock: Callable[[], float]) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[CacheKey, CacheEntry] = OrderedDict()
        self._bytes = 0

    def get(self, key: CacheKey) -> CacheEntry | None:
        """Return the entry of a key, fresh or expired."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def is_fresh(self, entry: CacheEntry) -> bool:
        """Return True if an entry may be served without an origin request."""
        return self._clock() < entry.fresh_until

    def age_seconds(self, entry: CacheEntry) -> int:
        """Return the time since an entry arrived from the origin."""
        return int(self._clock() - entry.stored_at)

    def put(
        self, key: CacheKey, response: Response, seconds: int, *, complete: bool, is_error: bool = False
    ) -> None:
        """Cache a response for some seconds. An older entry is replaced."""
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
        """Serve an expired entry for some more seconds before the next origin request."""
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
        """Remove every object that an invalidation path matches."""
        for key in [key for key in self._entries if key.matches(path)]:
            self._remove(key)

    def _remove(self, key: CacheKey) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry.size
