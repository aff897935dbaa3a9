"""The counter of invalidation paths."""

from collections.abc import Callable
from datetime import UTC, datetime
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from purge.budget import Budget
from purge.errors import BudgetError
from s3_http import ObjectMissingError, S3Client

from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.conftest import attempts, connect, read_timeout_seconds
from tests.libs.s3_http.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

__all__ = ["attempts", "connect", "read_timeout_seconds"]

type Connect = Callable[[], S3Client]


def test_a_month_has_a_budget(connect: Connect, s3: "Boto3S3Client", bucket: str) -> None:
    now = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    budget = Budget(connect(), "folder", 10, lambda: now)
    assert [budget.reserve(6), budget.reserve(6), budget.reserve(4), budget.reserve(1)] == [
        True,
        False,
        True,
        False,
    ]
    budget.release(4)
    assert budget.reserve(4)
    assert Budget(connect(), "folder", 10, lambda: now.replace(month=12, day=1)).reserve(10)
    with s3.get_object(Bucket=bucket, Key="folder/invalidation-paths-2026-11")["Body"] as body:
        assert body.read() == b"10"


def test_parallel_invocations_count_exactly(connect: Connect) -> None:
    reserved: list[bool] = []
    threads = [
        Thread(target=lambda: reserved.append(Budget(connect(), "folder", 4).reserve(1))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reserved) == [False, False, True, True, True, True]


def test_a_counter_that_always_changes_is_an_error(
    connect: Connect, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("purge.budget.time", SimpleNamespace(sleep=slept.append))
    proxy.inject(faults.status(412), method="PUT")
    with pytest.raises(BudgetError, match="20 times"):
        Budget(connect(), "folder", 4).reserve(1)
    assert len(slept) == 20
    assert 0 < max(slept) <= 0.2


def test_a_counter_that_may_not_be_read_does_not_count_as_zero(connect: Connect, proxy: FaultProxy) -> None:
    proxy.inject(faults.status(403, error="AccessDenied"), method="GET")
    with pytest.raises(ObjectMissingError, match="AccessDenied"):
        Budget(connect(), "folder", 4).reserve(1)
    assert proxy.methods() == ["GET"]
