"""Faults of S3 and the network: retries, permanent errors and deadlines."""

import contextlib
import socket
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from lambda_runtime import Deadline
from s3_http import (
    ConnectionPool,
    ObjectChangedError,
    ObjectTooLargeError,
    S3Client,
    TransientError,
    Upload,
    bucket_address,
)
from sigv4 import Credentials

from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import Fault, FaultProxy, Handler

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as Boto3S3Client

type Connect = Callable[..., S3Client]

# Tolerance for a busy machine. Without the deadline a request would take the read timeout of ten seconds.
BUSY_SECONDS = 3

DATA = b"JFIF" * 35_000
UPLOAD = Upload(data=DATA, content_type="image/jpeg", cache_control="public", metadata={})


@pytest.fixture(autouse=True)
def original(s3: "Boto3S3Client", bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="cat.jpg", Body=DATA)


def call(client: S3Client, method: str) -> None:
    if method == "HEAD":
        client.head("cat.jpg")
    elif method == "GET":
        client.get("cat.jpg", max_bytes=1_000_000)
    else:
        # The key may have an object from an earlier call; these tests are about the network.
        with contextlib.suppress(ObjectChangedError):
            client.put("new.jpg", UPLOAD, replacing=None)


TRANSIENT = {
    "500": faults.status(500, error="InternalError"),
    "502": faults.status(502),
    "503": faults.status(503, error="SlowDown"),
    "429": faults.status(429, error="TooManyRequests"),
    "request timeout": faults.status(400, error="RequestTimeout"),
    "expired token": faults.status(400, error="ExpiredToken"),
    "another write": faults.status(409, error="ConditionalRequestConflict"),
    "another operation": faults.status(409, error="OperationAborted"),
    "reset": faults.reset,
    "closed": faults.close,
    "hang": faults.hang,
    "trickling headers": faults.trickle_headers,
    "no etag": faults.status(200),
}
METHODS = ["HEAD", "GET", "PUT"]


def cases(skipped: set[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(method, name) for method in METHODS for name in TRANSIENT if (method, name) not in skipped]


# The code of a 400 or 409 is in the body, and a response to HEAD has none.
NOT_TRANSIENT = {
    ("HEAD", name) for name in ("request timeout", "expired token", "another write", "another operation")
}


@pytest.mark.parametrize(("method", "name"), cases(NOT_TRANSIENT))
def test_a_lasting_fault_is_a_transient_error_in_time(
    proxy: FaultProxy, connect: Connect, method: str, name: str
) -> None:
    proxy.inject(TRANSIENT[name])
    started = time.monotonic()
    with pytest.raises(TransientError):
        call(connect(seconds=1.2), method)
    assert time.monotonic() - started < 1.2 + BUSY_SECONDS
    assert len(proxy.requests) <= 3


@pytest.mark.parametrize(
    ("method", "name"),
    cases(NOT_TRANSIENT | {(method, "trickling headers") for method in METHODS}),
)
@pytest.mark.parametrize("read_timeout_seconds", [1.5])
def test_retries_hide_two_faults(proxy: FaultProxy, connect: Connect, method: str, name: str) -> None:
    proxy.inject(TRANSIENT[name], times=2)
    call(connect(), method)
    assert proxy.methods() == [method] * 3


@pytest.mark.parametrize("fault", [faults.truncate, faults.trickle_body], ids=["truncated", "trickling"])
def test_half_a_body_is_a_transient_error(proxy: FaultProxy, connect: Connect, fault: Fault) -> None:
    proxy.inject(fault)
    started = time.monotonic()
    with pytest.raises(TransientError):
        connect(seconds=1).get("cat.jpg", max_bytes=2_000_000)
    assert time.monotonic() - started < 1 + BUSY_SECONDS


def test_an_object_over_the_limit_is_refused_before_its_body(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.trickle_body)
    with pytest.raises(ObjectTooLargeError):
        connect(seconds=10).get("cat.jpg", max_bytes=999_999)


def test_a_truncated_body_is_requested_again(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.truncate, times=1)
    assert connect().get("cat.jpg", max_bytes=1_000_000).data == DATA


def body(data: bytes, etag: str = "", **headers: str) -> Fault:
    """A complete 200 with these bytes, under the ETag of the original or another one."""

    def fault(handler: Handler) -> None:
        response = handler.forward()
        named = etag or str(response.headers["ETag"])
        sent = {"Content-Length": str(len(data)), "ETag": named, **headers}
        handler.respond(200, {name.replace("_", "-"): value for name, value in sent.items()}, data)

    return fault


NOT_OF_S3 = {
    "shorter": body(DATA[:-1]),
    "empty": body(b""),
    "longer": body(DATA + b"!"),
    "other bytes": body(DATA[::-1]),
    "another object": body(DATA, etag='"0123456789abcdef0123456789abcdef"'),
    "a page": faults.status(200, headers={"Content-Type": "text/html"}),
}


@pytest.mark.parametrize("name", NOT_OF_S3)
def test_a_body_that_head_did_not_announce_is_transient(
    proxy: FaultProxy, connect: Connect, name: str
) -> None:
    expected = connect().head("cat.jpg")
    proxy.inject(NOT_OF_S3[name], method="GET", times=2)
    assert connect().get("cat.jpg", max_bytes=1_000_000, expected=expected).data == DATA
    assert proxy.methods() == ["HEAD", "GET", "GET", "GET"]
    proxy.inject(NOT_OF_S3[name], method="GET")
    with pytest.raises(TransientError):
        connect().get("cat.jpg", max_bytes=1_000_000, expected=expected)


@pytest.mark.parametrize("name", ["shorter", "empty", "longer", "other bytes", "a page"])
def test_a_body_that_does_not_match_its_etag_is_transient(
    proxy: FaultProxy, connect: Connect, name: str
) -> None:
    proxy.inject(NOT_OF_S3[name], method="GET", times=2)
    assert connect().get("cat.jpg", max_bytes=1_000_000).data == DATA


@pytest.mark.parametrize(
    ("etag", "encryption"),
    [
        ('"0123456789abcdef0123456789abcdef-2"', "AES256"),
        ('"0123456789abcdef0123456789abcdef"', "aws:kms"),
        ('"0123456789abcdef0123456789abcdef"', "aws:kms:dsse"),
    ],
)
def test_an_etag_that_is_no_digest(proxy: FaultProxy, connect: Connect, etag: str, encryption: str) -> None:
    """The object was uploaded in parts, or is encrypted with a key of KMS."""
    proxy.inject(body(DATA, etag, x_amz_server_side_encryption=encryption))
    assert connect().get("cat.jpg", max_bytes=1_000_000).data == DATA


def test_a_shorter_body_under_an_etag_that_is_no_digest_is_transient(
    proxy: FaultProxy, connect: Connect
) -> None:
    expected = connect().head("cat.jpg")
    proxy.inject(body(DATA[:-1], x_amz_server_side_encryption="aws:kms"), method="GET", times=2)
    assert connect().get("cat.jpg", max_bytes=1_000_000, expected=expected).data == DATA
    assert proxy.methods() == ["HEAD", "GET", "GET", "GET"]


@pytest.mark.parametrize("code", ["InternalError", "SlowDown", "AccessDenied"])
def test_an_error_document_in_a_200_is_transient(proxy: FaultProxy, connect: Connect, code: str) -> None:
    """S3 has sent the status line before the error occurs; the object is not stored."""
    proxy.inject(faults.status(200, error=code, headers={"ETag": '"x"'}), method="PUT", times=2)
    connect().put("new.jpg", UPLOAD, replacing=None)
    assert connect().get("new.jpg", max_bytes=len(DATA)).data == DATA
    assert proxy.methods() == ["PUT", "PUT", "PUT", "GET"]
    proxy.inject(faults.status(200, error=code), method="PUT")
    with pytest.raises(TransientError, match=rf"PUT new\.jpg: 200 with an error document {code}") as caught:
        connect().put("new.jpg", UPLOAD, replacing=None)
    assert caught.value.code == code


def test_half_a_range_is_a_transient_error(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.truncate, times=2)
    stored = connect().get_start("cat.jpg", 16)
    assert stored
    assert stored.data == DATA[:16]
    proxy.inject(faults.truncate)
    with pytest.raises(TransientError):
        connect().get_start("cat.jpg", 16)


def test_a_start_without_an_etag_is_transient(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.status(206), method="GET")
    with pytest.raises(TransientError, match="206 without an ETag"):
        connect().get_start("cat.jpg", 16)


def test_a_server_without_ranges_is_not_read_whole(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(body(DATA))
    with pytest.raises(ObjectTooLargeError):
        connect().get_start("cat.jpg", 16)


def test_each_retry_waits_twice_as_long(
    proxy: FaultProxy, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("random.uniform", lambda shortest, longest: shortest + longest)
    monkeypatch.setattr("s3_http.retries.time", SimpleNamespace(sleep=slept.append))
    proxy.inject(TRANSIENT["503"])
    with pytest.raises(TransientError):
        connect().head("cat.jpg")
    assert slept == [0.1, 0.2]
    assert proxy.methods() == ["HEAD"] * 3


def test_no_retry_begins_before_its_backoff_is_over(
    proxy: FaultProxy, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.uniform", lambda *_: 61)
    proxy.inject(TRANSIENT["503"])
    with pytest.raises(TransientError, match=r"503$"):
        connect(seconds=60).head("cat.jpg")
    assert proxy.methods() == ["HEAD"]


def test_no_time_left(proxy: FaultProxy, connect: Connect) -> None:
    with pytest.raises(TransientError, match="the deadline has passed"):
        connect(seconds=0).head("cat.jpg")
    assert proxy.requests == []


def test_the_error_has_the_code_of_the_last_response(proxy: FaultProxy, connect: Connect) -> None:
    proxy.inject(faults.status(503, error="SlowDown"))
    with pytest.raises(TransientError, match=r"GET cat\.jpg: 503 SlowDown") as caught:
        connect().get("cat.jpg", max_bytes=1)
    assert (caught.value.status, caught.value.code) == (503, "SlowDown")


def test_requests_share_a_connection(proxy: FaultProxy, connect: Connect) -> None:
    client = connect()
    for method in METHODS:
        call(client, method)
    assert len({request.connection for request in proxy.requests}) == 1


@pytest.mark.parametrize("attempts", [1])
@pytest.mark.parametrize("method", METHODS)
def test_a_closed_idle_connection_is_no_fault(proxy: FaultProxy, connect: Connect, method: str) -> None:
    """S3 closes idle connections, and the next request must not lose an attempt to that."""
    proxy.inject(faults.respond_then_close, times=9)
    client = connect()
    for number in range(10):
        call(client, method)
        assert len(proxy.requests) == number + 1


def test_a_port_without_a_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(TransientError, match="refused"):
        _client(f"http://127.0.0.1:{port}").head("cat.jpg")


def test_a_host_without_address() -> None:
    with pytest.raises(TransientError):
        _client("http://nowhere.invalid").head("cat.jpg")


def test_a_server_that_does_not_take_the_connection() -> None:
    """The backlog is full: the connection is neither accepted nor refused."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.settimeout(0)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        started = time.monotonic()
        with pytest.raises(TransientError):
            _client(f"http://127.0.0.1:{port}").head("cat.jpg")
        assert time.monotonic() - started < 1 + BUSY_SECONDS
        for one in waiting:
            one.close()


def test_a_server_that_does_not_read(proxy: FaultProxy) -> None:
    """The upload fills every buffer on the way and then stops."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = _client(f"http://127.0.0.1:{server.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(TransientError):
            client.put(
                "cat.jpg",
                Upload(data=bytes(30_000_000), content_type="image/bmp", cache_control="public", metadata={}),
                replacing=None,
            )
        assert time.monotonic() - started < 1 + BUSY_SECONDS
    assert proxy.requests == []


def _client(endpoint_url: str) -> S3Client:
    return S3Client(
        ConnectionPool(bucket_address("b", region="eu-west-1", endpoint_url=endpoint_url)),
        credentials=Credentials(access_key_id="a", secret_access_key="b"),  # noqa: S106 - no server checks it
        region="eu-west-1",
        deadline=Deadline.after(1),
    )
