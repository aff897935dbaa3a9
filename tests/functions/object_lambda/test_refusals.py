"""What a viewer gets where there is no picture to be had: status, code and one plain sentence, once."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import object_lambda.answer
import pytest
from image_core import DerivationTooSlow
from object_lambda.answer import refusal_of
from object_lambda.errors import EventError
from object_lambda.handler import lambda_handler
from object_lambda.settings import read_settings

from tests.functions.object_lambda.conftest import WAYS, Get, Head, LambdaContext, Url, UrlHead
from tests.libs.lambda_runtime.processes import children, crash, hang_in_c, needs_proc, remaining_children
from tests.libs.s3_http import fault_proxy as faults

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function, Got, Way
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
    """One thing that can be wrong, and what the viewer is told of it."""

    what: str
    told: tuple[int, str]
    original: bytes | None = None
    query: str = ""
    fault: "Fault | None" = None
    method: str = "GET"


def broken(name: str) -> bytes:
    return (BROKEN / name).read_bytes()


CASES = [
    Case(what="text", told=UNSUPPORTED, original=broken("text.jpg")),
    Case(what="no bytes", told=UNSUPPORTED, original=broken("empty.jpg")),
    Case(what="truncated", told=UNSUPPORTED, original=broken("truncated.jpg")),
    Case(what="SVG", told=UNSUPPORTED, original=SVG),
    Case(what="PDF", told=UNSUPPORTED, original=PDF),
    Case(what="TIFF", told=UNSUPPORTED, original=TIFF),
    Case(what="text, resized", told=UNSUPPORTED, original=broken("text.jpg"), query="size=S"),
    Case(what="truncated, resized", told=UNSUPPORTED, original=broken("truncated.jpg"), query="size=S"),
    Case(what="no bytes, EXIF", told=UNSUPPORTED, original=broken("empty.jpg"), query="showExif=true"),
    Case(what="truncated, EXIF", told=UNSUPPORTED, original=broken("truncated.jpg"), query="showExif=true"),
    Case(what="pixel bomb", told=TOO_LARGE, original=broken("30000x30000.png")),
    Case(what="pixel bomb, resized", told=TOO_LARGE, original=broken("30000x30000.png"), query="size=S"),
    Case(what="pixel bomb, WebP", told=TOO_LARGE, original=broken("30000x30000.png"), query="to_webp=1"),
    Case(what="too many bytes", told=TOO_LARGE, fault=faults.status(200, headers=HUGE)),
    Case(what="missing", told=MISSING),
    Case(what="missing, EXIF", told=MISSING, query="showExif=true"),
    Case(what="forbidden", told=DENIED, fault=faults.status(403, error="AccessDenied")),
    Case(
        what="archived",
        told=(403, "InvalidObjectState"),
        fault=faults.status(403, error="InvalidObjectState"),
    ),
    Case(what="no bucket", told=(404, "NoSuchBucket"), fault=faults.status(404, error="NoSuchBucket")),
    Case(what="a code that cannot be told", told=DENIED, fault=faults.status(403, error="Access.Denied2")),
    Case(what="a long key", told=(400, "KeyTooLongError"), fault=faults.status(400, error="KeyTooLongError")),
    Case(what="redirect", told=(500, "InternalError"), fault=faults.status(307, error="TemporaryRedirect")),
    Case(what="not implemented", told=UNAVAILABLE, fault=faults.status(501, error="NotImplemented")),
    Case(what="S3 fails", told=UNAVAILABLE, fault=faults.status(500, error="InternalError")),
    Case(what="S3 is slow", told=(503, "SlowDown"), fault=faults.status(503, error="SlowDown")),
    Case(what="a gateway fails", told=UNAVAILABLE, fault=faults.status(503)),
    Case(what="reset", told=UNAVAILABLE, fault=faults.reset),
    Case(what="closed", told=UNAVAILABLE, fault=faults.close),
    Case(what="truncated on the way", told=UNAVAILABLE, original=broken("text.jpg"), fault=faults.truncate),
    Case(what="no size", told=(400, "InvalidArgument"), query="size=XXL"),
    Case(what="two sizes", told=(400, "InvalidArgument"), query="size=S&size=M"),
    Case(what="no format", told=(400, "InvalidArgument"), query="to_webp=yes"),
    Case(what="no switch", told=(400, "InvalidArgument"), query="showExif=1"),
    Case(what="two switches", told=(400, "InvalidArgument"), query="showExif=true&showExif=false"),
]

INTERNALS = re.compile(
    r"Traceback|Error\(|Exception|\.py|/tmp|/var|http|X-Amz|example|pictures-|127\.0|Errno|socket|PIL|<|\n"
)


def check(got: "Got", told: tuple[int, str], way: "Way") -> None:
    """The answer is an error that may be told, in the words of the contract."""
    assert got.status == told[0]
    assert got.headers["cache-control"] == ("max-age=60" if told[0] in {400, 403, 404} else "no-store")
    assert got.status in {400, 401, 403, 404, 405, 409, 411, 412, 416, 500, 503}
    if isinstance(way, UrlHead):
        assert got.body == b""
        return
    assert got.code == told[1]
    assert re.fullmatch(r"[A-Z][a-zA-Z]+", got.code)
    assert re.fullmatch(r"[A-Z][^\n]+\.", got.sentence)
    assert not INTERNALS.search(got.sentence)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_refusals(way: "Way", case: Case) -> None:
    if case.original is not None:
        way.function.upload("cat.jpg", case.original, ContentType="image/jpeg")
    if case.fault:
        way.function.proxy.inject(case.fault, method=case.method)
        # Of HEAD, which comes first, nobody hears more than the status.
        if isinstance(way, Head):
            way.function.upload("cat.jpg", b"there")
    check(way.ask("cat.jpg", case.query), case.told, way)


@pytest.mark.parametrize(
    ("status", "told"),
    # S3 sends no error code after a HEAD. An expired token is a 400, and transient.
    [(400, UNAVAILABLE), (403, DENIED), (404, MISSING), (500, UNAVAILABLE), (503, UNAVAILABLE)],
)
def test_what_s3_says_to_head(function: "Function", status: int, told: tuple[int, str]) -> None:
    function.proxy.inject(faults.status(status), method="HEAD")
    way = Head(function)
    check(way.ask("cat.jpg"), told, way)
    assert set(function.asked()) == {"HEAD"}


@pytest.mark.parametrize("name", WAYS)
def test_unreachable(function: "Function", monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """S3 is not there, but WriteGetObjectResponse is."""
    way = WAYS[name](function)
    nowhere = "http://127.0.0.1:9"
    if name in ("get", "head"):
        event = way.event("cat.jpg", "", {})
        context = event[f"{name}ObjectContext"]
        context["inputS3Url"] = context["inputS3Url"].replace(function.proxy.url, nowhere)
        monkeypatch.setattr(way, "event", lambda *_: event)
    else:
        monkeypatch.setenv("AWS_ENDPOINT_URL", nowhere)
    check(way.ask("cat.jpg"), UNAVAILABLE, way)


@pytest.mark.parametrize(
    "fault", [faults.hang, faults.trickle_headers, faults.trickle_body], ids=lambda fault: fault.__name__
)
def test_slow(way: "Way", cat: bytes, fault: "Fault") -> None:
    way.function.upload("cat.jpg", cat)
    way.function.proxy.inject(fault, method="GET")
    way.limit_seconds = 4
    started = time.monotonic()
    check(way.ask("cat.jpg"), UNAVAILABLE, way)
    assert time.monotonic() - started < way.limit_seconds - 1
    way.function.proxy.stopped.set()


@needs_proc
def test_a_picture_that_takes_too_long(way: "Way", cat: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    way.function.upload("cat.jpg", cat)
    before = children()
    monkeypatch.setattr(object_lambda.answer, "make", hang_in_c)
    way.limit_seconds = 5
    started = time.monotonic()
    got = way.ask("cat.jpg")
    assert (got.status, got.headers["cache-control"]) == (503, "max-age=60")
    assert time.monotonic() - started < way.limit_seconds
    assert "OutOfTimeError" in way.function.log()[0]["reason"]
    assert not remaining_children(before)


def test_a_decoder_that_crashes(way: "Way", cat: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    way.function.upload("cat.jpg", cat)
    monkeypatch.setattr(object_lambda.answer, "make", crash)
    check(way.ask("cat.jpg"), UNSUPPORTED, way)
    assert "crashed: SIGSEGV" in way.function.log()[0]["reason"]


def test_a_derivation_without_time_may_be_tried_again_in_a_minute() -> None:
    """It took all the time there is, and would for each viewer."""
    answer = refusal_of(DerivationTooSlow("The image takes too long to be made."))
    assert (answer.status, answer.code) == UNAVAILABLE
    assert answer.headers == {"Cache-Control": "max-age=60"}


def test_a_picture_for_which_the_memory_is_too_small(
    way: "Way", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.function.upload("cat.jpg", cat)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
    check(way.ask("cat.jpg", "size=S"), TOO_LARGE, way)
    assert "TooMuchMemory" in way.function.log()[0]["reason"]


@pytest.mark.parametrize("error", [RuntimeError("/var/task/secret.py"), MemoryError(), RecursionError()])
def test_anything_unforeseen(
    way: "Way", cat: bytes, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise error

    way.function.upload("cat.jpg", cat)
    monkeypatch.setattr(object_lambda.answer, "make", fail)
    check(way.ask("cat.jpg"), (500, "InternalError"), way)
    (line,) = way.function.log()
    assert type(error).__name__ in line["reason"]
    assert "in fail" in "".join(line["stackTrace"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("IMAGE_QUALITY", "101"), ("IMAGE_SIZES", "{}"), ("IMAGE_SIZES", '{"S":[1]}'), ("IMAGE_EXIF", "gps")],
)
def test_settings_that_are_none(way: "Way", monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    check(way.ask("cat.jpg"), (500, "InternalError"), way)
    assert name in way.function.log()[0]["reason"]
    assert way.function.asked() == []


@pytest.mark.parametrize("kind", [Get, Head])
def test_parts_of_an_upload(function: "Function", kind: type[Get | Head]) -> None:
    way = kind(function)
    check(way.ask("cat.jpg", "partNumber=1"), (400, "InvalidArgument"), way)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "OPTIONS"])
def test_methods_of_a_function_url(function: "Function", method: str) -> None:
    way = Url(function)
    way.method = method
    got = way.ask("cat.jpg")
    check(got, (405, "MethodNotAllowed"), way)
    assert got.headers["allow"] == "GET, HEAD"
    assert function.asked() == []


@pytest.mark.parametrize("path", ["/", "", "//", "/.", "/a/..", "/a/", "/a%2F", "/%2E", "/%FF.jpg"])
def test_paths_that_are_no_key(function: "Function", path: str) -> None:
    """The empty key above all: its address is that of the bucket, which would list what it holds."""
    event = Url(function).event("x", "", {})
    event["rawPath"] = path
    way = Url(function)
    (got,) = way.read(lambda_handler(event, LambdaContext(30)))
    check(got, MISSING, way)
    assert function.asked() == []


@pytest.mark.parametrize("fault", [faults.status(500), faults.status(503)])
def test_faults_are_not_cached(way: "Way", fault: "Fault") -> None:
    way.function.proxy.inject(fault, method="GET")
    way.function.upload("cat.jpg", b"there")
    assert way.ask("cat.jpg").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("headers", [{"If-Match": '"other"'}, {"Range": "bytes=99999999-"}])
def test_a_refusal_that_depends_on_a_header_is_not_cached(
    way: "Way", cat: bytes, headers: dict[str, str]
) -> None:
    way.function.upload("cat.jpg", cat)
    got = way.ask("cat.jpg", headers=headers)
    assert got.status in {412, 416}
    assert got.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("memory_mb", [512, 256, 160])
def test_the_limit_of_bytes_follows_the_memory(
    way: "Way", monkeypatch: pytest.MonkeyPatch, memory_mb: int
) -> None:
    """One byte over the limit is refused by its length alone: the body never comes."""
    limit = read_settings({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb)}).max_bytes
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", str(memory_mb))
    huge = {"Content-Length": str(limit + 1), "ETag": '"huge"'}
    way.function.proxy.inject(faults.status(200, headers=huge), method="GET")
    way.function.upload("cat.jpg", b"there")
    got = way.ask("cat.jpg")
    check(got, TOO_LARGE, way)
    if not isinstance(way, UrlHead):
        assert f"{limit:,} bytes" in got.sentence


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
