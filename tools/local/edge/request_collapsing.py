"""Request collapsing: viewers who want one object at the same time wait for one request to the origin."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tools.local.edge.cache_key import CacheKey
from tools.local.edge.fetcher import FetchResult

type _RequestKey = tuple[CacheKey, str]


class CollapsedRequests:
    """Requests to the origin that are under way."""

    def __init__(self, keep: Callable[[CacheKey, FetchResult], None]) -> None:
        """No request yet.

        Args:
            keep: called once with what a request brought, unless the object was invalidated meanwhile.
        """
        self._keep = keep
        self._running: dict[_RequestKey, asyncio.Task[FetchResult]] = {}

    async def join(
        self, key: CacheKey, method: str, fetch: Callable[[], Coroutine[Any, Any, FetchResult]]
    ) -> tuple[FetchResult, bool]:
        """What the one request for an object brings; it goes on when this viewer leaves.

        Args:
            key: of the object.
            method: GET or HEAD. A HEAD is content with the response to a GET.
            fetch: makes the request, if none is under way.

        Returns:
            What it brought, and whether this viewer caused it.
        """
        running = self._running.get((key, "GET")) or self._running.get((key, method))
        if running is not None:
            return await asyncio.shield(running), False
        task = asyncio.create_task(fetch())
        self._running[key, method] = task
        task.add_done_callback(lambda done: self._landed((key, method), done))
        return await asyncio.shield(task), True

    def invalidate(self, path: str) -> None:
        """An invalidation: what is under way serves those who wait for it, and nobody after them."""
        for key in [key for key in self._running if key[0].matches(path)]:
            del self._running[key]

    def _landed(self, key: _RequestKey, task: asyncio.Task[FetchResult]) -> None:
        if self._running.get(key) is not task:
            return
        del self._running[key]
        if not task.cancelled() and task.exception() is None:
            self._keep(key[0], task.result())
