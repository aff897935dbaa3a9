"""HEAD, GET and PUT against moto, through the fault proxy."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from s3_http import (
    AccessDeniedError,
    ObjectChangedError,
    ObjectMissingError,
    ObjectTooLargeError,
    RefusedError,
    S3Client,
    S3Error,
    Upload,
)

from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

type Connect = Callable[..., S3Client]

DATA = bytes(range(256)) * 400
UPLOAD = Upload(data=DATA, content_type="image/jpeg", cache_control="public", metadata={"a": "b"})
KEYS = ["cat.jpg", "a/b c+d%e&f=g.jpg", "café/猫/🐈.png", "a//b/.jpg", "'()*!~;:@$,?#[].jpg", "100%25.jpg"]


@pytest.mark.parametrize("key", KEYS)
def test_boto3_reads_a_stored_object(s3: "Boto3S3Client", bucket: str, connect: Connect, key: str) -> None:
    upload = Upload(
        data=DATA,
        content_type="image/webp",
        cache_control="public, max-age=60",
        metadata={"source-etag": "abc-1", "settings": "v1  854x480"},
        expires="Thu, 01 Dec 1994 16:00:00 GMT",
        content_disposition='inline; filename="a.webp"',
        content_language="de, en",
    )
    connect().put(key, upload, replacing=None)
    stored = s3.get_object(Bucket=bucket, Key=key)
    assert stored["Body"].read() == DATA
    assert stored["Expires"] == datetime(1994, 12, 1, 16, tzinfo=UTC)
    assert stored["ContentDisposition"] == 'inline; filename="a.webp"'
    assert stored["ContentLanguage"] == "de, en"
    assert stored["ContentType"] == "image/webp"
    assert stored["CacheControl"] == "public, max-age=60"
    assert stored["Metadata"] == {"source-etag": "abc-1", "settings": "v1  854x480"}


@pytest.mark.parametrize("key", KEYS)
def test_an_object_of_boto3_is_read(s3: "Boto3S3Client", bucket: str, connect: Connect, key: str) -> None:
    etag = s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=DATA,
        ContentType="image/png",
        CacheControl="no-cache",
        Expires=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
        ContentDisposition="attachment",
        ContentLanguage="fr",
        Metadata={"Made-By": "x"},
    )["ETag"]
    stored = connect().get(key, max_bytes=len(DATA))
    assert stored.data == DATA
    assert stored.info.etag == etag.strip('"')
    assert stored.info.content_type == "image/png"
    assert stored.info.cache_control == "no-cache"
    assert stored.info.expires == "Wed, 02 Jan 2030 03:04:05 GMT"
    assert stored.info.content_disposition == "attachment"
    assert stored.info.content_language == "fr"
    assert stored.info.content_length == len(DATA)
    assert stored.info.metadata == {"made-by": "x"}
    assert connect().head(key) == stored.info


@pytest.mark.parametrize(
    "data",
    [
        b"<Error><Code>InternalError</Code></Error>",
        b"<Error><Code>RequestThrottled</Code></Error>",
        b'{"__type": "com.amazonaws.sqs#RequestThrottled"}',
    ],
)
def test_an_object_with_the_text_of_an_error(
    s3: "Boto3S3Client", bucket: str, connect: Connect, data: bytes
) -> None:
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=data)
    assert connect().get("cat.jpg", max_bytes=100).data == data


def test_an_empty_object(s3: "Boto3S3Client", bucket: str, connect: Connect) -> None:
    s3.put_object(Bucket=bucket, Key="empty.jpg", Body=b"")
    stored = connect().get("empty.jpg", max_bytes=10)
    assert (stored.data, stored.info.content_length, stored.info.cache_control) == (b"", 0, None)


def test_absent_headers_are_not_stored(s3: "Boto3S3Client", bucket: str, connect: Connect) -> None:
    upload = Upload(data=DATA, content_type="image/png", cache_control="public", metadata={})
    connect().put("cat.png", upload, replacing=None)
    assert not {"ExpiresString", "ContentDisposition", "ContentLanguage"} & set(
        s3.head_object(Bucket=bucket, Key="cat.png")
    )
    info = connect().head("cat.png")
    assert (info.expires, info.content_disposition, info.content_language) == (None, None, None)


def test_a_put_replaces_only_the_expected_object(s3: "Boto3S3Client", bucket: str, connect: Connect) -> None:
    one, two = UPLOAD, UPLOAD._replace(data=DATA + b"2")
    etag = connect().put("cat.jpg", one, replacing=None)
    assert etag == connect().head("cat.jpg").etag
    first = connect().head("cat.jpg")
    with pytest.raises(ObjectChangedError):
        connect().put("cat.jpg", two, replacing=None)
    connect().put("cat.jpg", two, replacing=first)
    with pytest.raises(ObjectChangedError):
        connect().put("cat.jpg", one, replacing=first)
    assert s3.get_object(Bucket=bucket, Key="cat.jpg")["Body"].read() == two.data
    second = connect().head("cat.jpg")
    s3.delete_object(Bucket=bucket, Key="cat.jpg")
    with pytest.raises(ObjectChangedError):
        connect().put("cat.jpg", one, replacing=second)


def test_the_version_of_an_object(s3: "Boto3S3Client", bucket: str, connect: Connect) -> None:
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA)
    assert connect().head("cat.jpg").version_id is None
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA)["VersionId"]
    found = connect().get("cat.jpg", max_bytes=10**6).info
    assert found == connect().head("cat.jpg")
    assert found.version_id == version
    assert found.last_modified
    assert found.last_modified.endswith(" GMT")


def test_a_get_returns_only_the_expected_object(s3: "Boto3S3Client", bucket: str, connect: Connect) -> None:
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA)
    expected = connect().head("cat.jpg")
    assert connect().get("cat.jpg", max_bytes=len(DATA), expected=expected).data == DATA
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA[::-1])
    with pytest.raises(ObjectChangedError):
        connect().get("cat.jpg", max_bytes=len(DATA), expected=expected)
    s3.delete_object(Bucket=bucket, Key="cat.jpg")
    with pytest.raises(ObjectMissingError):
        connect().get("cat.jpg", max_bytes=len(DATA), expected=expected)


@pytest.mark.parametrize("size", [400, 16, 2, 0])
def test_the_start_of_an_object(
    s3: "Boto3S3Client", bucket: str, proxy: FaultProxy, connect: Connect, size: int
) -> None:
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA[:size])
    stored = connect().get_start("cat.jpg", 16)
    assert (stored.data if stored else b"") == DATA[: min(size, 16)]
    assert proxy.requests[0].headers["range"] == "bytes=0-15"
    assert ";range;" in proxy.requests[0].headers["authorization"]


def test_the_start_of_no_object(connect: Connect) -> None:
    with pytest.raises(ObjectMissingError) as caught:
        connect().get_start("missing.jpg", 16)
    assert caught.value.status == 404


def test_a_put_carries_a_checksum_that_s3_checks(
    s3: "Boto3S3Client", bucket: str, proxy: FaultProxy, connect: Connect
) -> None:
    """Object Lock with a default retention rejects a PUT without a checksum."""
    connect().put("cat.jpg", UPLOAD, replacing=None)
    sent = proxy.requests[0].headers["x-amz-checksum-crc32"]
    s3.put_object(Bucket=bucket, Key="theirs.jpg", Body=DATA, ChecksumAlgorithm="CRC32")
    attributes = s3.head_object(Bucket=bucket, Key="theirs.jpg", ChecksumMode="ENABLED")
    assert sent == attributes["ChecksumCRC32"]
    assert "x-amz-checksum-crc32" in proxy.requests[0].headers["authorization"]


def test_missing(connect: Connect) -> None:
    for call in (connect().head, lambda key: connect().get(key, max_bytes=1)):
        with pytest.raises(ObjectMissingError) as caught:
            call("missing.jpg")
        assert caught.value.status == 404


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (("HEAD", 404, ""), ObjectMissingError),
        (("HEAD", 403, ""), ObjectMissingError),
        (("HEAD", 400, ""), RefusedError),
        (("HEAD", 301, ""), RefusedError),
        (("GET", 404, "NoSuchKey"), ObjectMissingError),
        (("GET", 403, "AccessDenied"), ObjectMissingError),
        (("GET", 400, "InvalidRequest"), RefusedError),
        (("GET", 412, "PreconditionFailed"), ObjectChangedError),
        (("GET", 307, "TemporaryRedirect"), RefusedError),
        (("GET", 206, ""), RefusedError),
        (("PUT", 403, "AccessDenied"), AccessDeniedError),
        (("PUT", 404, "NoSuchBucket"), RefusedError),
        (("PUT", 404, "NoSuchKey"), ObjectChangedError),
        (("PUT", 412, "PreconditionFailed"), ObjectChangedError),
        (("PUT", 400, "KeyTooLongError"), RefusedError),
    ],
)
def test_permanent_errors(
    proxy: FaultProxy, connect: Connect, response: tuple[str, int, str], kind: type[S3Error]
) -> None:
    method, status, code = response
    proxy.inject(faults.status(status, error=code))
    with pytest.raises(S3Error) as caught:
        call(connect(), method)
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.code == (code or None)
    assert "cat.jpg" in str(caught.value)
    assert len(proxy.requests) == 1


def test_a_wrong_region_is_named(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.status(301, headers={"x-amz-bucket-region": "ap-south-1"}))
    with pytest.raises(RefusedError, match="the bucket is in ap-south-1"):
        connect().head("cat.jpg")


@pytest.mark.parametrize("max_bytes", [len(DATA) - 1, 1, 0])
def test_an_object_over_the_limit(s3: "Boto3S3Client", bucket: str, connect: Connect, max_bytes: int) -> None:
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA)
    with pytest.raises(ObjectTooLargeError):
        connect().get("cat.jpg", max_bytes=max_bytes)
    assert connect().get("cat.jpg", max_bytes=len(DATA)).data == DATA


def test_an_object_over_the_limit_without_a_length(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.without_length(5000), times=2)
    with pytest.raises(ObjectTooLargeError):
        connect().get("cat.jpg", max_bytes=4999)
    stored = connect().get("cat.jpg", max_bytes=5000)
    assert (stored.data, stored.info.content_length) == (b"x" * 5000, 0)


@pytest.mark.parametrize("method", ["HEAD", "GET", "PUT"])
def test_the_signature_on_the_wire_is_botocores(proxy: FaultProxy, connect: Connect, method: str) -> None:
    """Recompute the signature from the request that the server received, as S3 does."""
    proxy.inject(faults.status(404))
    with pytest.raises(S3Error):
        call(connect(), method, key="a b+c/é%.jpg")
    received = proxy.requests[0]
    names = received.headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    theirs = AWSRequest(
        method=received.method,
        url=proxy.url + received.path,
        headers={name: received.headers[name] for name in names},
        data=received.body,
    )
    theirs.context["timestamp"] = received.headers["x-amz-date"]
    auth = S3SigV4Auth(BotoCredentials("ASIAEXAMPLE", "example", "example"), "s3", "eu-west-1")
    assert auth.payload(theirs) == received.headers["x-amz-content-sha256"]
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    assert received.headers["authorization"].endswith(f"Signature={signature}")
    assert {"host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"} <= set(names)
    sent = datetime.strptime(received.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - sent).total_seconds()) < 60
    assert "expect" not in received.headers


def test_threads_share_a_pool(s3: "Boto3S3Client", bucket: str, proxy: FaultProxy, connect: Connect) -> None:
    for number in range(8):
        s3.put_object(Bucket=bucket, Key=f"{number}.jpg", Body=DATA[number:])
    client = connect()
    right: list[bool] = []

    def work(number: int) -> None:
        for _ in range(5):
            right.append(client.get(f"{number}.jpg", max_bytes=len(DATA)).data == DATA[number:])  # noqa: PERF401 - one by one, from many threads

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 40
    assert len(proxy.requests) == 40
    assert len({request.connection for request in proxy.requests}) <= 8


def call(client: S3Client, method: str, key: str = "cat.jpg") -> None:
    """Call the method of the client that sends a request of this HTTP method."""
    if method == "HEAD":
        client.head(key)
    elif method == "GET":
        client.get(key, max_bytes=1_000_000)
    else:
        client.put(key, UPLOAD, replacing=None)
