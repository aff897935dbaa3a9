"""Deletion of many versions."""

from typing import Any

import pytest

from tests.tools.erase.conftest import Account
from tools.console import ToolError
from tools.erase.locations import Extent, Location
from tools.erase.objects import (
    ObjectVersion,
    Tally,
    count_versions,
    delete_versions,
    list_versions,
    require_no_mfa_delete,
)


def tree(account: Account, prefix: str = "resized/") -> Location:
    return Location(title="derivatives", bucket=account.buckets[0], prefix=prefix, extent=Extent.TREE)


def version(key: str) -> ObjectVersion:
    return ObjectVersion(key=key, version_id="null", is_marker=False, is_latest=True)


@pytest.fixture
def requests(account: Account) -> list[Any]:
    """Bodies of the DeleteObjects requests, in place of the requests."""
    sent: list[Any] = []

    def record(params: Any, **_: object) -> None:
        sent.append(params)

    account.s3.meta.events.register("provide-client-params.s3.DeleteObjects", record)
    return sent


def test_thousands_are_deleted_by_thousands(account: Account, requests: list[Any]) -> None:
    for number in range(60):
        account.put(f"resized/{number:03}.jpg/v4_clean")
    found = list(list_versions(account.s3, tree(account)))
    many = (found * 42)[:2500]
    deletion = delete_versions(account.s3, account.buckets[0], iter(many))
    assert sorted(len(each["Delete"]["Objects"]) for each in requests) == [500, 1000, 1000]
    assert deletion.deleted == Tally(versions=2500)
    assert count_versions(account.s3, tree(account)).total == 0


def test_memory_is_bounded(account: Account) -> None:
    """A list of millions is read only as far as requests are sent."""
    ahead: list[int] = []
    done = 0

    def versions() -> Any:
        for number in range(12_000):
            ahead.append(number - done)
            yield version(f"missing-{number}")

    def count(deleted: int) -> None:
        nonlocal done
        done += deleted

    delete_versions(account.s3, account.buckets[0], versions(), count)
    assert done == 12_000
    assert max(ahead) <= 5000


@pytest.mark.parametrize("key", ["resized/\x1b[31m.jpg/v4_clean", "resized/line\nbreak.jpg/v4_clean"])
def test_keys_with_control_characters(account: Account, key: str, requests: list[Any]) -> None:
    """XML 1.0 expresses a line break and no escape character."""
    delete_versions(account.s3, account.buckets[0], [version(key)])
    assert len(requests) == ("\n" in key)


class Refusals:
    """Errors in the response to DeleteObjects, one list for each request."""

    def __init__(self, account: Account, *errors: dict[str, str]) -> None:
        self.left = list(errors)
        account.s3.meta.events.register("after-call.s3.DeleteObjects", self.add)

    def add(self, parsed: Any, **_: object) -> None:
        if self.left:
            parsed["Errors"] = [{"Key": "a", "VersionId": "null", **self.left.pop(0)}]


def test_a_transient_error_is_retried(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.erase.objects._BACKOFF_SECONDS", 0)
    refusals = Refusals(account, {"Code": "SlowDown"}, {"Code": "InternalError"})
    deletion = delete_versions(account.s3, account.buckets[0], [version("a"), version("b")])
    assert (deletion.deleted.versions, refusals.left) == (2, [])


def test_an_error_that_stays(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.erase.objects._BACKOFF_SECONDS", 0)
    Refusals(account, *[{"Code": "SlowDown", "Message": "Reduce"}] * 6)
    with pytest.raises(
        ToolError, match=r"did not delete s3://.*/a \(SlowDown Reduce\): run the command again"
    ):
        delete_versions(account.s3, account.buckets[0], [version("a")])


def test_a_missing_permission(account: Account) -> None:
    Refusals(account, {"Code": "AccessDenied", "Message": "Access Denied"})
    with pytest.raises(ToolError, match=r"may not delete s3://.*grant s3:DeleteObject and s3:DeleteObjectV"):
        delete_versions(account.s3, account.buckets[0], [version("a")])


def test_mfa_delete(account: Account) -> None:
    require_no_mfa_delete(account.s3, account.buckets[0])

    def enable(parsed: Any, **_: object) -> None:
        parsed["MFADelete"] = "Enabled"

    account.s3.meta.events.register("after-call.s3.GetBucketVersioning", enable)
    with pytest.raises(ToolError, match="MFA delete, with which only the root user can delete versions"):
        require_no_mfa_delete(account.s3, account.buckets[0])
