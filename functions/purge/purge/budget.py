"""The number of invalidation paths in the current month, counted in an object of S3.

CloudFront charges for each path after the first 1,000 of an account in a month (CloudFront developer guide,
"Pay for file invalidation").
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus

from s3_http import ObjectChangedError, ObjectInfo, ObjectMissingError, S3Client, Upload

from purge.errors import BudgetError

# A round fails if another invocation writes the counter first. Few invocations run at the same time.
_MAX_ROUNDS = 20
_MAX_BYTES = 16
_PAUSE_SECONDS = 0.2


class Budget:
    """The budget of a month. Conditional writes keep the count exact when invocations run in parallel.

    Args:
        s3: client for the bucket of the counters.
        folder: folder of the counters, one for each month.
        max_paths: largest number of paths in a month.
        clock: current time with a time zone. A month begins at 00:00 UTC.
    """

    def __init__(
        self,
        s3: S3Client,
        folder: str,
        max_paths: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._s3 = s3
        self._max_paths = max_paths
        self._key = f"{folder}/invalidation-paths-{clock():%Y-%m}"

    def reserve(self, paths: int) -> bool:
        """Count paths before their invalidation; return False, and count none, if too few are left.

        Raises:
            BudgetError, S3Error: the paths could not be counted.
        """
        return self._add(paths)

    def release(self, paths: int) -> None:
        """Subtract paths whose invalidation CloudFront did not accept.

        Raises:
            BudgetError, S3Error: the paths stay counted.
        """
        self._add(-paths)

    def _add(self, paths: int) -> bool:
        for _ in range(_MAX_ROUNDS):
            info, count = self._read()
            if paths > 0 and count + paths > self._max_paths:
                return False
            upload = Upload(
                data=str(max(0, count + paths)).encode(),
                content_type="text/plain",
                cache_control="no-store",
                metadata={},
            )
            try:
                self._s3.put(self._key, upload, replacing=info)
            except ObjectChangedError:
                time.sleep(random.uniform(0, _PAUSE_SECONDS))  # noqa: S311 - spreads writers, guards no secret
            else:
                return True
        raise BudgetError(f"{self._key}: other writers were first {_MAX_ROUNDS} times")

    def _read(self) -> tuple[ObjectInfo | None, int]:
        try:
            stored = self._s3.get(self._key, max_bytes=_MAX_BYTES)
        except ObjectMissingError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return None, 0
        return stored.info, int(stored.data)
