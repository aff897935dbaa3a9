"""Listings and deletions against moto, through the fault proxy."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from s3_http import AccessDeniedError, ObjectChangedError, RefusedError, S3Client, TransientError

from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

type Connect = Callable[..., S3Client]

KEYS = ["a/b c+d%e&f=g.jpg", "a/<&>\"'.jpg", "a/café/猫/🐈.png", "a//b.jpg", "a/tab\t.jpg", "b.jpg"]


@pytest.fixture
def put(s3: "Boto3S3Client", bucket: str) -> Callable[[str], str]:
    def put(key: str) -> str:
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
        return key

    return put


def remaining(s3: "Boto3S3Client", bucket: str) -> list[str]:
    """Return all keys of the bucket."""
    return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_a_listing_has_the_keys_below_a_prefix(put: Callable[[str], str], connect: Connect) -> None:
    for key in KEYS:
        put(key)
    listed = list(connect().list_objects("a/"))
    assert [one.key for one in listed] == sorted(KEYS[:-1], key=str.encode)
    now = datetime.now(UTC)
    assert all(abs(now - one.last_modified) < timedelta(minutes=5) for one in listed)


def test_a_delimiter_omits_what_is_further_below(put: Callable[[str], str], connect: Connect) -> None:
    for key in ["a.jpg/v4_clean", "a.jpg/b.jpg/v4_clean", "a.jpg2/v4_clean"]:
        put(key)
    assert [one.key for one in connect().list_objects("a.jpg/", delimiter="/")] == ["a.jpg/v4_clean"]
    assert list(connect().list_objects("missing/")) == []


def test_a_listing_has_every_page(
    put: Callable[[str], str], connect: Connect, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    keys = [put(f"{number}.jpg") for number in range(5)]
    assert [one.key for one in connect().list_objects("")] == keys
    assert len(proxy.requests) == 3


def test_many_objects_are_deleted(
    put: Callable[[str], str],
    connect: Connect,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("s3_http.client.MAX_DELETED_OBJECTS", 2)
    keys = [put(f"{number}.jpg") for number in range(3)]
    put("kept")
    connect().delete_objects([*keys, "missing"])
    assert proxy.methods() == ["POST", "POST"]
    assert [one.key for one in connect().list_objects("")] == ["kept"]


def test_every_key_can_be_deleted(
    s3: "Boto3S3Client", bucket: str, put: Callable[[str], str], connect: Connect
) -> None:
    put("kept")
    connect().delete_objects([put(key) for key in [*KEYS, "control\x01character.jpg"]])
    assert remaining(s3, bucket) == ["kept"]


def test_a_parser_reads_the_keys_of_a_deletion(connect: Connect, proxy: FaultProxy) -> None:
    keys = ["a\r\n\tb", "&amp;<>", "é🐈"]
    proxy.inject(faults.status(200))
    connect().delete_objects(keys)
    document = ET.fromstring(proxy.requests[0].body)  # noqa: S314 - the document of this test
    assert [element.text for element in document.iterfind(".//{*}Key")] == keys


@pytest.mark.parametrize(("number", "requests"), [(1_000, 1), (1_001, 2)])
def test_a_request_deletes_no_more_keys_than_s3_accepts(
    connect: Connect, proxy: FaultProxy, number: int, requests: int
) -> None:
    proxy.inject(faults.status(200))
    connect().delete_objects(["a"] * number)
    assert len(proxy.requests) == requests


def test_nothing_is_deleted_without_keys(connect: Connect, proxy: FaultProxy) -> None:
    connect().delete_objects([])
    assert proxy.requests == []


def test_only_the_expected_object_is_deleted(
    connect: Connect, proxy: FaultProxy, put: Callable[[str], str]
) -> None:
    put("a.jpg")
    expected = connect().head("a.jpg")
    connect().delete("a.jpg", expected=expected)
    assert proxy.requests[-1].headers["if-match"] == f'"{expected.etag}"'
    connect().delete("a.jpg")


@pytest.mark.parametrize(
    ("status", "error"), [(412, ObjectChangedError), (403, AccessDeniedError), (400, RefusedError)]
)
def test_a_refused_deletion(connect: Connect, proxy: FaultProxy, status: int, error: type[Exception]) -> None:
    proxy.inject(faults.status(status))
    with pytest.raises(error):
        connect().delete("a.jpg")


@pytest.mark.parametrize("status", [403, 400])
def test_a_refused_request_of_the_bucket(connect: Connect, proxy: FaultProxy, status: int) -> None:
    proxy.inject(faults.status(status))
    with pytest.raises(RefusedError):
        list(connect().list_objects("a"))
    with pytest.raises(RefusedError):
        connect().delete_objects(["a"])


def test_an_object_that_could_not_be_deleted_is_an_error(connect: Connect, proxy: FaultProxy) -> None:
    proxy.inject(faults.status(200, error="AccessDenied"), method="POST")
    with pytest.raises(TransientError, match="AccessDenied"):
        connect().delete_objects(["a"])


def test_a_truncated_report_of_deletions_is_requested_again(connect: Connect, proxy: FaultProxy) -> None:
    """The missing part may have errors."""

    def truncate(handler: faults.Handler) -> None:
        handler.respond(200, {"Content-Length": "200"}, b"<DeleteResult>")
        handler.hang_up()

    proxy.inject(truncate, method="POST", times=1)
    connect().delete_objects(["a"])
    assert proxy.methods() == ["POST", "POST"]


def test_a_page_that_s3_did_not_send_is_requested_again(
    put: Callable[[str], str], connect: Connect, proxy: FaultProxy
) -> None:
    put("a")
    proxy.inject(faults.status(200), times=1)
    assert [one.key for one in connect().list_objects("")] == ["a"]
