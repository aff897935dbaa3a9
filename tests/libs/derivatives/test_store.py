"""Derivatives in moto's S3."""

import time
from typing import TYPE_CHECKING

import pytest
from derivatives import DerivativeStore, find_object, has_source, is_stale
from s3_http import ObjectInfo, ObjectMissingError, RefusedError, S3Client

from tests.libs.derivatives.conftest import Put
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

NAMES = ["trace-0a1b2c3d", "v2_clean", "v4_info.json", "v4_w640_q80.auto-avif"]
KEYS = ["cat.jpg", "a/b c+d%e&f=g.jpg", "a//b_~.png", "café/猫/🐈.png", "cat.jpg/v4_clean"]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    ("resized_path", "prefix"), [(None, "{path}"), ("cache/resized", "cache/resized/{key}")]
)
def test_the_derivatives_of_an_original(
    client: S3Client, put: Put, key: str, resized_path: str | None, prefix: str
) -> None:
    from image_url import encode_key  # noqa: PLC0415

    folder = prefix.format(key=key, path=encode_key(key))
    for name in NAMES:
        put(f"{folder}/{name}")
        put(f"{folder}/other.jpg/{name}")  # of another original
        put(f"{folder}2/{name}")
        put(f"other/{name}")
    for name in ("README.md", "trace-1", "trace-0a1b2c3d.txt", "traces-0a1b2c3d"):
        put(f"{folder}/{name}")
    store = DerivativeStore(client, resized_path)
    assert [one.key for one in store.find(key)] == [f"{folder}/{name}" for name in NAMES]


def test_stale_derivatives_are_found_and_deleted(client: S3Client, put: Put) -> None:
    etag = put("cat.jpg")
    put("cat.jpg/v4_w640_q80", source_etag=etag)
    put("cat.jpg/v4_w320_q80", source_etag="another")
    put("cat.jpg/v4_clean")
    store, original = DerivativeStore(client), find_object(client, "cat.jpg")
    stale = list(store.find_stale("cat.jpg", original))
    assert [one.key for one in stale] == ["cat.jpg/v4_clean", "cat.jpg/v4_w320_q80"]
    store.delete(stale)
    assert [one.key for one in store.find("cat.jpg")] == ["cat.jpg/v4_w640_q80"]
    assert not list(store.find_stale("cat.jpg", original))


def test_without_an_original_all_derivatives_are_stale(client: S3Client, put: Put) -> None:
    put("cat.jpg/v4_clean", source_etag="1")
    original = find_object(client, "cat.jpg")
    assert original is None
    assert [one.key for one in DerivativeStore(client).find_stale("cat.jpg", original)] == [
        "cat.jpg/v4_clean"
    ]


def test_a_derivative_older_than_its_original_is_stale_without_a_request(
    client: S3Client, put: Put, proxy: FaultProxy
) -> None:
    """The same bytes with another focal point have the same ETag."""
    etag = put("cat.jpg")
    put("cat.jpg/v4_clean", source_etag=etag)
    time.sleep(1.1)  # S3 gives times in seconds
    assert put("cat.jpg", focal_point="0.3,0.7") == etag
    original = find_object(client, "cat.jpg")
    proxy.requests.clear()
    assert [one.key for one in DerivativeStore(client).find_stale("cat.jpg", original)] == [
        "cat.jpg/v4_clean"
    ]
    assert proxy.methods() == ["GET"]


def test_a_derivative_that_vanishes_is_not_stale(client: S3Client, put: Put, proxy: FaultProxy) -> None:
    put("cat.jpg")
    put("cat.jpg/v4_clean")
    original = find_object(client, "cat.jpg")
    proxy.inject(faults.status(404), method="HEAD")
    assert not list(DerivativeStore(client).find_stale("cat.jpg", original))


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_missing_permission_is_an_error(client: S3Client, put: Put, proxy: FaultProxy, method: str) -> None:
    put("cat.jpg")
    put("cat.jpg/v4_clean")
    original = find_object(client, "cat.jpg")
    proxy.inject(faults.status(403), method=method)
    with pytest.raises((ObjectMissingError, RefusedError)):
        list(DerivativeStore(client).find_stale("cat.jpg", original))


def test_an_original_that_may_not_be_read_is_not_missing(client: S3Client, proxy: FaultProxy) -> None:
    proxy.inject(faults.status(403))
    with pytest.raises(ObjectMissingError):
        find_object(client, "cat.jpg")


def test_the_version_counts(s3: "Boto3S3Client", bucket: str, client: S3Client, put: Put) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    etag = put("cat.jpg")
    first = find_object(client, "cat.jpg")
    put("cat.jpg")
    second = find_object(client, "cat.jpg")
    assert first and second and first.version_id  # noqa: PT018
    derivative = ObjectInfo(0, "d", {"source-etag": etag, "source-version": first.version_id})
    assert has_source(derivative, first)
    assert not has_source(derivative, second)
    assert has_source(derivative._replace(metadata={"source-etag": etag}), second)


EARLY, LATE = "Thu, 01 Dec 1994 16:00:00 GMT", "Thu, 01 Dec 1994 16:00:01 GMT"


@pytest.mark.parametrize(
    ("source_etag", "modified", "uploaded", "expected"),
    [
        ("e", LATE, EARLY, False),
        ("e", EARLY, EARLY, False),
        ("e", EARLY, LATE, True),
        ("e", None, LATE, False),
        ("e", EARLY, None, False),
        ("another", LATE, EARLY, True),
        ("another", EARLY, LATE, True),
    ],
)
def test_a_derivative_of_another_upload_is_stale(
    source_etag: str,
    modified: str | None,
    uploaded: str | None,
    *,
    expected: bool,
) -> None:
    derivative = ObjectInfo(0, "d", {"source-etag": source_etag}, last_modified=modified)
    assert is_stale(derivative, ObjectInfo(1, "e", {}, last_modified=uploaded)) is expected
