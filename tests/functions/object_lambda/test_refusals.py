"""Error responses: status, code and one sentence without internals, exactly once."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import object_lambda.response
import pytest
from image_core import TransformTooSlow
from object_lambda.errors import EventError
from object_lambda.handler import lambda_handler
from object_lambda.response import error_response
from object_lambda.settings import read_settings

from tests.functions.context import LambdaContext
from tests.functions.object_lambda.conftest import (
    ENTRY_POINTS,
    AccessPointGet,
    AccessPointHead,
    FunctionUrlGet,
    FunctionUrlHead,
)
from tests.libs.lambda_runtime.processes import children, crash, hang_in_c, needs_proc, remaining_children
from tests.libs.s3_http import fault_proxy as faults

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import EntryPoint, Function, ViewerResponse
    from tests.libs.s3_http.fault_proxy import Fault

BROKEN = Path(__file__).parents[2] / "images" / "broken"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
TIFF = b"II*\0\x08\0\0\0\0\0\0\0\0\0"
HUGE = {"Content-Length": str(128 * 1024 * 1024 + 1), "ETag": '"huge"'}

TOO_LARGE, UNSUPPORTED = (400, "ImageTooLarge"), (400, "UnsupportedImage")
DENIED, MISSING = (403, "AccessDenied"), (404, "NoSuchKey")
UNAVAILABLE = (503, "ServiceUnavailable")


@dataclass(frozen=True, kw_only=True)
class Case:
    """A faulty original, query or S3 response, with the expected status and code."""

    name: str
    expected: tuple[int, str]
    original: bytes | None = None
    query: str = ""
    fault: "Fault | None" = None
    method: str = "GET"


def read_broken(name: str) -> bytes:
    return (BROKEN / name).read_bytes()


CASES = [
    Case(name="text", expected=UNSUPPORTED, original=read_broken("text.jpg")),
    Case(name="no bytes", expected=UNSUPPORTED, original=read_broken("empty.jpg")),
    Case(name="truncated", expected=UNSUPPORTED, original=read_broken("truncated.jpg")),
    Case(name="SVG", expected=UNSUPPORTED, original=SVG),
    Case(name="PDF", expected=UNSUPPORTED, original=PDF),
    Case(name="TIFF", expected=UNSUPPORTED, original=TIFF),
    Case(name="text, resized", expected=UNSUPPORTED, original=read_broken("text.jpg"), query="size=S"),
    Case(
        name="truncated, resized", expected=UNSUPPORTED, original=read_broken("truncated.jpg"), query="size=S"
    ),
    Case(
        name="no bytes, EXIF", expected=UNSUPPORTED, original=read_broken("empty.jpg"), query="showExif=true"
    ),
    Case(
        name="truncated, EXIF",
        expected=UNSUPPORTED,
        original=read_broken("truncated.jpg"),
        query="showExif=true",
    ),
    Case(name="pixel bomb", expected=TOO_LARGE, original=read_broken("30000x30000.png")),
    Case(
        name="pixel bomb, resized",
        expected=TOO_LARGE,
        original=read_broken("30000x30000.png"),
        query="size=S",
    ),
    Case(
        name="pixel bomb, WebP",
        expected=TOO_LARGE,
        original=read_broken("30000x30000.png"),
        query="to_webp=1",
    ),
    Case(name="too many bytes", expected=TOO_LARGE, fault=faults.status(200, headers=HUGE)),
    Case(name="missing", expected=MISSING),
    Case(name="missing, EXIF", expected=MISSING, query="showExif=true"),
    Case(name="forbidden", expected=DENIED, fault=faults.status(403, error="AccessDenied")),
    Case(
        name="archived",
        expected=(403, "InvalidObjectState"),
        fault=faults.status(403, error="InvalidObjectState"),
    ),
    Case(name="no bucket", expected=(404, "NoSuchBucket"), fault=faults.status(404, error="NoSuchBucket")),
    Case(name="an unsupported code", expected=DENIED, fault=faults.status(403, error="Access.Denied2")),
    Case(
        name="a long key",
        expected=(400, "KeyTooLongError"),
        fault=faults.status(400, error="KeyTooLongError"),
    ),
    Case(
        name="redirect", expected=(500, "InternalError"), fault=faults.status(307, error="TemporaryRedirect")
    ),
    Case(name="not implemented", expected=UNAVAILABLE, fault=faults.status(501, error="NotImplemented")),
    Case(name="S3 fails", expected=UNAVAILABLE, fault=faults.status(500, error="InternalError")),
    Case(name="S3 is slow", expected=(503, "SlowDown"), fault=faults.status(503, error="SlowDown")),
    Case(name="a gateway fails", expected=UNAVAILABLE, fault=faults.status(503)),
    Case(name="reset", expected=UNAVAILABLE, fault=faults.reset),
    Case(name="closed", expected=UNAVAILABLE, fault=faults.close),
    Case(
        name="truncated response",
        expected=UNAVAILABLE,
        original=read_broken("text.jpg"),
        fault=faults.truncate,
    ),
    Case(name="unknown size", expected=(400, "InvalidArgument"), query="size=XXL"),
    Case(name="two sizes", expected=(400, "InvalidArgument"), query="size=S&size=M"),
    Case(name="invalid to_webp", expected=(400, "InvalidArgument"), query="to_webp=yes"),
    Case(name="invalid showExif", expected=(400, "InvalidArgument"), query="showExif=1"),
    Case(
        name="two values of showExif", expected=(400, "InvalidArgument"), query="showExif=true&showExif=false"
    ),
]

INTERNALS = re.compile(
    r"Traceback|Error\(|Exception|\.py|/tmp|/var|http|X-Amz|example|images-|127\.0|Errno|socket|PIL|<|\n"
)


def check(response: "ViewerResponse", expected: tuple[int, str], entry_point: "EntryPoint") -> None:
    """Check status, code, caching and message of an error response."""
    assert response.status == expected[0]
    assert response.headers["cache-control"] == (
        "max-age=60" if expected[0] in {400, 403, 404} else "no-store"
    )
    assert response.status in {400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503}
    if isinstance(entry_point, FunctionUrlHead):
        assert response.body == b""
        return
    assert response.code == expected[1]
    assert re.fullmatch(r"[A-Z][a-zA-Z]+", response.code)
    assert re.fullmatch(r"[A-Z][^\n]+\.", response.message)
    assert not INTERNALS.search(response.message)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_refusals(entry_point: "EntryPoint", case: Case) -> None:
    if case.original is not None:
        entry_point.function.upload("cat.jpg", case.original, ContentType="image/jpeg")
    if case.fault:
        entry_point.function.proxy.inject(case.fault, method=case.method)
        # The HEAD before the GET must succeed: its error would have no code.
        if isinstance(entry_point, AccessPointHead):
            entry_point.function.upload("cat.jpg", b"there")
    check(entry_point.send("cat.jpg", case.query), case.expected, entry_point)


@pytest.mark.parametrize(
    ("status", "expected"),
    # S3 sends no error code after a HEAD. An expired token is a 400, and transient.
    [(400, UNAVAILABLE), (403, DENIED), (404, MISSING), (500, UNAVAILABLE), (503, UNAVAILABLE)],
)
def test_errors_of_s3_after_a_head(function: "Function", status: int, expected: tuple[int, str]) -> None:
    function.proxy.inject(faults.status(status), method="HEAD")
    entry_point = AccessPointHead(function)
    check(entry_point.send("cat.jpg"), expected, entry_point)
    assert set(function.requested_methods()) == {"HEAD"}


@pytest.mark.parametrize("name", ENTRY_POINTS)
def test_unreachable(function: "Function", monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """S3 cannot be reached, but WriteGetObjectResponse can."""
    entry_point = ENTRY_POINTS[name](function)
    closed_port_url = "http://127.0.0.1:9"
    if name in ("get", "head"):
        event = entry_point.event("cat.jpg", "", {})
        context = event[f"{name}ObjectContext"]
        context["inputS3Url"] = context["inputS3Url"].replace(function.proxy.url, closed_port_url)
        monkeypatch.setattr(entry_point, "event", lambda *_: event)
    else:
        monkeypatch.setenv("AWS_ENDPOINT_URL", closed_port_url)
    check(entry_point.send("cat.jpg"), UNAVAILABLE, entry_point)


@pytest.mark.parametrize(
    "fault", [faults.hang, faults.trickle_headers, faults.trickle_body], ids=lambda fault: fault.__name__
)
def test_slow(entry_point: "EntryPoint", cat: bytes, fault: "Fault") -> None:
    entry_point.function.upload("cat.jpg", cat)
    entry_point.function.proxy.inject(fault, method="GET")
    entry_point.limit_seconds = 4
    started = time.monotonic()
    check(entry_point.send("cat.jpg"), UNAVAILABLE, entry_point)
    assert time.monotonic() - started < entry_point.limit_seconds - 1
    entry_point.function.proxy.stopped.set()


@needs_proc
def test_an_image_that_takes_too_long(
    entry_point: "EntryPoint", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    before = children()
    monkeypatch.setattr(object_lambda.response, "create_representation", hang_in_c)
    entry_point.limit_seconds = 5
    started = time.monotonic()
    response = entry_point.send("cat.jpg")
    assert (response.status, response.headers["cache-control"]) == (503, "max-age=60")
    assert time.monotonic() - started < entry_point.limit_seconds
    assert "OutOfTimeError" in entry_point.function.log()[0]["reason"]
    assert not remaining_children(before)


def test_a_decoder_that_crashes(
    entry_point: "EntryPoint", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    monkeypatch.setattr(object_lambda.response, "create_representation", crash)
    check(entry_point.send("cat.jpg"), UNSUPPORTED, entry_point)
    assert "crashed: SIGSEGV" in entry_point.function.log()[0]["reason"]


def test_a_missed_deadline_is_cached_for_a_minute() -> None:
    """The transform would take as long again for each viewer."""
    response = error_response(TransformTooSlow("The image takes too long to be made."))
    assert (response.status, response.code) == UNAVAILABLE
    assert response.headers == {"Cache-Control": "max-age=60"}


def test_an_image_beyond_the_memory_of_the_function(
    entry_point: "EntryPoint", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
    check(entry_point.send("cat.jpg", "size=S"), TOO_LARGE, entry_point)
    assert "TooMuchMemory" in entry_point.function.log()[0]["reason"]


@pytest.mark.parametrize("error", [RuntimeError("/var/task/secret.py"), MemoryError(), RecursionError()])
def test_unexpected_errors(
    entry_point: "EntryPoint", cat: bytes, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise error

    entry_point.function.upload("cat.jpg", cat)
    monkeypatch.setattr(object_lambda.response, "create_representation", fail)
    check(entry_point.send("cat.jpg"), (500, "InternalError"), entry_point)
    (line,) = entry_point.function.log()
    assert type(error).__name__ in line["reason"]
    assert "in fail" in "".join(line["stackTrace"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IMAGE_CACHE_CONTROL", "public\n"),
        ("IMAGE_QUALITY", "101"),
        ("IMAGE_SIZES", "{}"),
        ("IMAGE_SIZES", '{"S":[1]}'),
        ("IMAGE_EXIF", "gps"),
        ("BUCKET_NAME", "A/b"),
    ],
)
def test_invalid_settings(
    entry_point: "EntryPoint", monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    check(entry_point.send("cat.jpg"), (500, "InternalError"), entry_point)
    assert name in entry_point.function.log()[0]["reason"]
    assert entry_point.function.requested_methods() == []


def test_a_function_url_without_a_bucket(function: "Function", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BUCKET_NAME")
    entry_point = FunctionUrlGet(function)
    check(entry_point.send("cat.jpg"), (500, "InternalError"), entry_point)
    assert "BUCKET_NAME must be" in function.log()[0]["reason"]


@pytest.mark.parametrize("kind", [AccessPointGet, AccessPointHead])
def test_parts_of_an_upload(function: "Function", kind: type[AccessPointGet | AccessPointHead]) -> None:
    entry_point = kind(function)
    check(entry_point.send("cat.jpg", "partNumber=1"), (400, "InvalidArgument"), entry_point)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "OPTIONS"])
def test_methods_of_a_function_url(function: "Function", method: str) -> None:
    entry_point = FunctionUrlGet(function)
    entry_point.method = method
    response = entry_point.send("cat.jpg")
    check(response, (405, "MethodNotAllowed"), entry_point)
    assert response.headers["allow"] == "GET, HEAD"
    assert function.requested_methods() == []


@pytest.mark.parametrize("path", ["/", "", "//", "/.", "/a/..", "/a/", "/a%2F", "/%2E", "/%FF.jpg"])
def test_paths_that_are_not_keys(function: "Function", path: str) -> None:
    """An empty key above all: the request would list the bucket."""
    event = FunctionUrlGet(function).event("x", "", {})
    event["rawPath"] = path
    entry_point = FunctionUrlGet(function)
    (response,) = entry_point.parse(lambda_handler(event, LambdaContext(30)))
    check(response, MISSING, entry_point)
    assert function.requested_methods() == []


@pytest.mark.parametrize("fault", [faults.status(500), faults.status(503)])
def test_transient_errors_are_not_cached(entry_point: "EntryPoint", fault: "Fault") -> None:
    entry_point.function.proxy.inject(fault, method="GET")
    entry_point.function.upload("cat.jpg", b"there")
    assert entry_point.send("cat.jpg").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("headers", [{"If-Match": '"other"'}, {"Range": "bytes=99999999-"}])
def test_errors_that_depend_on_headers_are_not_cached(
    entry_point: "EntryPoint", cat: bytes, headers: dict[str, str]
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    response = entry_point.send("cat.jpg", headers=headers)
    assert response.status in {412, 416}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("memory_mb", [512, 256, 160])
def test_the_size_limit_depends_on_the_memory(
    entry_point: "EntryPoint", monkeypatch: pytest.MonkeyPatch, memory_mb: int
) -> None:
    """Content-Length is one byte over the limit, and the body is never sent."""
    limit = read_settings({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb)}).max_bytes
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str(memory_mb))
    huge = {"Content-Length": str(limit + 1), "ETag": '"huge"'}
    entry_point.function.proxy.inject(faults.status(200, headers=huge), method="GET")
    entry_point.function.upload("cat.jpg", b"there")
    response = entry_point.send("cat.jpg")
    check(response, TOO_LARGE, entry_point)
    if not isinstance(entry_point, FunctionUrlHead):
        assert f"{limit:,} bytes" in response.message


@pytest.mark.parametrize(
    "event",
    [
        None,
        {},
        {"Records": []},
        {"listObjectsV2Context": {"inputS3Url": "https://example.org"}},
        {"getObjectContext": {"inputS3Url": "https://example.org"}},
        {"requestContext": {"elb": {}}, "httpMethod": "GET", "path": "/"},
    ],
)
def test_other_events(event: Any) -> None:
    with pytest.raises(EventError):
        lambda_handler(event, LambdaContext(30))
