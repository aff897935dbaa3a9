"""`invoke erase`, with all variants in moto."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.tools.erase.conftest import Account
from tests.tools.erase.interruption import InterruptedByTestError, Interruption
from tools.console import ToolError
from tools.erase.erase import Eraser

KEY = "source-folder/a b+ä.jpg"
# Neighbours that only begin alike, derivatives of other originals, and an object that is no derivative.
OTHERS = {
    "originals/source-folder/a b+ä.jpg2",
    "originals/source-folder/a b+ä.jpg/inner.jpg",
    "originals/resized/source-folder/a b+ä.jpg/inner.jpg/v4_clean",
    "originals/resized/source-folder/a b+ä.jpg/notes.txt",
    "destination/a b+ä.jpg2",
    "derivatives/source-folder/a_20b_2B_C3_A4.jpg/inner.jpg/v4_clean",
}
OWN = [
    "originals/source-folder/a b+ä.jpg",
    "originals/restore-folder/a b+ä.jpg",
    "originals/resized/source-folder/a b+ä.jpg/v4_w640_q80.webp",
    "originals/resized/source-folder/a b+ä.jpg/v2_info.json",
    "originals/resized/restore-folder/a b+ä.jpg/v4_clean",
    "destination/a b+ä.jpg",
    "derivatives/source-folder/a_20b_2B_C3_A4.jpg/v4_w640_q80.webp",
    "derivatives/restore-folder/a_20b_2B_C3_A4.jpg/v4_clean",
]


def fill(account: Account) -> None:
    """Store each object of the key twice, delete some once, leave an upload unfinished, and add others."""
    names = {bucket.rpartition("-")[2]: bucket for bucket in account.buckets}
    for address in (*OWN, *OWN, *OTHERS):
        name, _, key = address.partition("/")
        account.put(key, names[name])
    account.s3.create_multipart_upload(Bucket=names["originals"], Key=KEY)
    account.s3.create_multipart_upload(Bucket=names["originals"], Key=f"{KEY}2")
    account.s3.delete_object(Bucket=names["destination"], Key="a b+ä.jpg")


REST = OTHERS | {f"originals/{KEY}2 (upload)"}


def make_eraser(account: Account) -> Eraser:
    return Eraser(deployment=account.deployment, key=KEY, longest_run_seconds=0)


@pytest.mark.parametrize("versioned", [True, False])
def test_everything_of_a_key_is_erased(
    make_account: Callable[..., Account], *, versioned: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    account = make_account(versioned=versioned)
    fill(account)
    make_eraser(account).run()
    assert account.list_keys() == REST
    paths = account.list_invalidated()
    both = ["/source-folder/a%20b*", "/restore-folder/a%20b*"]
    assert set(paths["edge_resize"]) == set(paths["object_lambda"]) == set(both)
    assert set(paths["s3_trigger"]) == {"/a%20b*"}
    assert set(paths["regional_resize"]) == {
        *both,
        "/source-folder/a_20b_2B_C3_A4.jpg*",
        "/restore-folder/a_20b_2B_C3_A4.jpg*",
    }
    report = capsys.readouterr().out
    stored = "2 objects" if versioned else "1 object"
    assert f"  original: {stored} in s3://" in report
    assert report.count("  restored original: ") == 1


@pytest.mark.parametrize("after", [False, True], ids=["before a request", "after a request"])
def test_a_repetition_after_any_interruption_ends_in_the_same_state(account: Account, *, after: bool) -> None:
    """The test of the local stack has all variants."""
    one = replace(account.deployment.outputs, distributions=account.deployment.outputs.distributions[:1])
    deployment = replace(account.deployment, outputs=one)
    vars(deployment).update(s3=account.s3, cloudfront=account.deployment.cloudfront)  # the cached properties
    eraser = Eraser(deployment=deployment, key="a.jpg", longest_run_seconds=0)
    step, interrupted = 0, True
    while interrupted:
        for key in ("a.jpg", "a.jpg", "resized/a.jpg/v4_clean"):
            account.put(key)
        account.s3.create_multipart_upload(Bucket=account.buckets[0], Key="a.jpg")
        with Interruption(deployment=deployment, step=step, after=after, seen=[]) as interruption:
            try:
                eraser.run()
                interrupted = False
            except InterruptedByTestError:
                pass
        before = len(account.list_invalidated().get("edge_resize", []))
        eraser.run()
        assert account.list_keys() == set(), (step, interruption.seen)
        # A repetition cannot see whether the interrupted run has invalidated.
        assert len(account.list_invalidated()["edge_resize"]) > before
        step += 1
    assert interruption.seen == [
        *["GetBucketVersioning"] * 2,
        "DeleteObject",
        "AbortMultipartUpload",
        *["DeleteObjects"] * 3,
        *["CreateInvalidation", "GetInvalidation"] * 2,
    ]
    assert step == len(interruption.seen) + 1


def test_no_older_version_is_ever_current(account: Account) -> None:
    """A function that runs meanwhile must not find an older version."""
    for _ in range(3):
        account.put(KEY)
    current: list[bool] = []

    def look(**_: object) -> None:
        for page in account.s3.get_paginator("list_object_versions").paginate(
            Bucket=account.buckets[0], Prefix=KEY
        ):
            current.extend(each["IsLatest"] for each in page.get("Versions", []))

    eraser = make_eraser(account)
    account.s3.meta.events.register("after-call.s3.DeleteObjects", look)
    account.s3.meta.events.register("after-call.s3.DeleteObject", look)
    eraser.run()
    assert len(current) == 3
    assert not any(current)


def test_a_derivative_that_a_function_stores_late(account: Account) -> None:
    """A function that had read the original stores a derivative after the first deletion of derivatives."""
    account.put(KEY)
    events = account.deployment.cloudfront.meta.events

    def store_once(**_: object) -> None:
        events.unregister("before-call.cloudfront.CreateInvalidation", store_once)
        account.put(f"resized/{KEY}/v4_clean")

    events.register("before-call.cloudfront.CreateInvalidation", store_once)
    make_eraser(account).run()
    assert account.list_keys() == set()


def test_an_upload_in_the_meantime(account: Account) -> None:
    events = account.deployment.cloudfront.meta.events
    events.register("before-call.cloudfront.CreateInvalidation", lambda **_: account.put(KEY))
    with pytest.raises(ToolError, match="The key was uploaded again in the meantime"):
        make_eraser(account).run()


def test_object_lock(make_account: Callable[..., Account]) -> None:
    account = make_account(lock=True)
    account.s3.put_object(
        Bucket=account.buckets[0],
        Key=KEY,
        Body=b"x",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=datetime.now(UTC) + timedelta(days=1),
    )
    account.put("resized/source-folder/a b+ä.jpg/v4_clean")
    with pytest.raises(ToolError, match=r"Object Lock protects 1 of the versions, such as .*legal hold"):
        make_eraser(account).run()
    # What can be deleted is gone, and viewers cannot read the rest.
    found = account.s3.list_object_versions(Bucket=account.buckets[0])
    assert [each["Key"] for each in found["Versions"]] == [KEY]
    assert [each["IsLatest"] for each in found["DeleteMarkers"]] == [True]
