"""Request collapsing: concurrent viewers of an object share one origin request."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from tools.local.edge.cache_key import CacheKey
from tools.local.edge.fetcher import FetchResult

type _RequestKey = tuple[CacheKey, str]


class CollapsedRequests:
    """Origin requests in progress.

    Args:
        keep: called once with each result, unless the object was invalidated in the meantime.
    """

    def __init__(self, keep: Callable[[CacheKey, FetchResult], None]) -> None:
        self._keep = keep
        self._running: dict[_RequestKey, asyncio.Task[FetchResult]] = {}

    async def join(
        self, key: CacheKey, method: str, fetch: Callable[[], Coroutine[Any, Any, FetchResult]]
    ) -> tuple[FetchResult, bool]:
        """Return the result of the origin request for an object. The request continues if this viewer leaves.

        Args:
            key: cache key of the object.
            method: GET or HEAD. A HEAD may share the request of a GET.
            fetch: starts the request if none is in progress.

        Returns:
            The result, and True if this viewer caused the request.
        """
        running = self._running.get((key, "GET")) or self._running.get((key, method))
        if running is not None:
            return await asyncio.shield(running), False
        task = asyncio.create_task(fetch())
        self._running[key, method] = task
        task.add_done_callback(lambda done: self._finish((key, method), done))
        return await asyncio.shield(task), True

    def invalidate(self, path: str) -> None:
        """Stop sharing and keeping matching requests. Viewers that already wait still receive the results."""
        for key in [key for key in self._running if key[0].matches(path)]:
            del self._running[key]

    def _finish(self, key: _RequestKey, task: asyncio.Task[FetchResult]) -> None:
        if self._running.get(key) is not task:
            return
        del self._running[key]
        if not task.cancelled() and task.exception() is None:
            self._keep(key[0], task.result())
