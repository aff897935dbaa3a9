"""Invalidations that were created through CloudFront's API."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from tools.local.edge.errors import OriginUnreachableError

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


class Invalidations(Protocol):
    """Source of invalidations for the edge."""

    async def catch_up(self, invalidate: Callable[[str], None]) -> None:
        """Call `invalidate` with the paths of all invalidations created before this call, each only once."""


class ApiInvalidations:
    """Invalidations of a distribution in the emulator, which completes invalidations immediately.

    The emulator makes a file longer before CreateInvalidation returns. The API is queried only if the file
    has grown since the last query, so that an invalidation is effective as soon as the call that created it
    returns, and a hit costs no request. Concurrent viewers share a query, but none that started before the
    viewer's request: such a query may have missed an invalidation.

    Args:
        client: CloudFront client.
        distribution_id: ID of the distribution.
        log: the emulator's file, `Emulator.invalidation_log`.
    """

    def __init__(self, client: "CloudFrontClient", distribution_id: str, log: Path) -> None:
        self._client = client
        self._distribution_id = distribution_id
        self._log = log
        # The distribution may have invalidations already.
        self._caught_up = -1
        self._seen: set[str] = set()
        self._running: asyncio.Task[None] | None = None
        self._waiting: asyncio.Task[None] | None = None

    async def catch_up(self, invalidate: Callable[[str], None]) -> None:
        """Call `invalidate` with the paths of all invalidations created before this call, each only once.

        Raises:
            OriginUnreachableError: the emulator does not respond.
        """
        if self._log.stat().st_size == self._caught_up:
            return
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._after(self._running, invalidate))
        await asyncio.shield(self._waiting)

    async def _after(self, previous: asyncio.Task[None] | None, invalidate: Callable[[str], None]) -> None:
        if previous is not None:
            await asyncio.wait([previous])
        self._running, self._waiting = self._waiting, None
        size = self._log.stat().st_size
        for path in await asyncio.to_thread(self._new_paths):
            invalidate(path)
        self._caught_up = size

    def _new_paths(self) -> list[str]:
        try:
            listed = self._client.list_invalidations(DistributionId=self._distribution_id)
            summaries = listed["InvalidationList"].get("Items", [])
            new = [summary["Id"] for summary in summaries if summary["Id"] not in self._seen]
            paths = [path for invalidation_id in new for path in self._paths(invalidation_id)]
        except (BotoCoreError, ClientError) as error:
            raise OriginUnreachableError(str(error)) from error
        self._seen.update(new)
        return paths

    def _paths(self, invalidation_id: str) -> list[str]:
        found = self._client.get_invalidation(DistributionId=self._distribution_id, Id=invalidation_id)
        return found["Invalidation"]["InvalidationBatch"]["Paths"].get("Items", [])
