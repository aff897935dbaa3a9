"""Requests without a derivative: permanent errors, transient errors, redirects to the original."""

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

import pytest
from edge_resize.handler import lambda_handler
from PIL import Image

from tests.functions.edge_resize.keys import derived_key
from tests.libs.lambda_runtime.processes import children, crash, hang_in_c, needs_proc, remaining_children
from tests.libs.s3_http import fault_proxy as faults

if TYPE_CHECKING:
    from tests.functions.edge_resize.conftest import Edge
    from tests.libs.s3_http.fault_proxy import Fault

IMAGES = Path(__file__).parents[2] / "images"
BROKEN = IMAGES / "broken"
EVENTS = Path(__file__).parents[2] / "events"
# Tolerance for a busy machine. Without a deadline a request would take at least three times three seconds.
BUSY_SECONDS = 3


def redirect_to(path: str) -> dict[str, Any]:
    """Return the uncached redirect to the original."""
    return {
        "status": "302",
        "statusDescription": "Found",
        "headers": {
            "location": [{"key": "Location", "value": path}],
            "cache-control": [{"key": "Cache-Control", "value": "no-store"}],
        },
    }


def outcome_of(result: dict[str, Any]) -> tuple[str, str, str]:
    """Return the status, the error code and the Cache-Control of a response."""
    code = re.search(r"<Code>(\w+)</Code>", result.get("body", ""))
    cache_control = result["headers"].get("cache-control", [{"value": ""}])[0]["value"]
    return str(result.get("status", "")), code[1] if code else "", cache_control


CACHED_BRIEFLY = "public, max-age=60"
UNSUPPORTED = ("415", "UnsupportedImage", CACHED_BRIEFLY)
TOO_LARGE = ("415", "ImageTooLarge", CACHED_BRIEFLY)
NOT_FOUND = ("404", "NoSuchKey", CACHED_BRIEFLY)
INVALID = ("400", "InvalidArgument", CACHED_BRIEFLY)
UNAVAILABLE = ("503", "ServiceUnavailable", "no-store")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A fault of S3 or of an original, with the outcome if the error is permanent."""

    name: str
    permanent: tuple[str, str, str] | None = None
    method: str = ""
    path: str = ""
    fault: "Fault | None" = None
    original: str = "cat.jpg"


ORIGINAL, DERIVATIVE = "/cat.jpg", f"/{derived_key('cat.jpg')}"
BIG = {"Content-Length": "67108865", "ETag": '"big"'}

FAILURES = [
    Failure(name="text", permanent=UNSUPPORTED, original="broken/text.jpg"),
    Failure(name="no bytes", permanent=UNSUPPORTED, original="broken/empty.jpg"),
    Failure(name="truncated", permanent=UNSUPPORTED, original="broken/truncated.jpg"),
    Failure(name="30,000 x 30,000", permanent=TOO_LARGE, original="broken/30000x30000.png"),
    Failure(name="too many bytes", permanent=TOO_LARGE, method="HEAD", fault=faults.status(200, headers=BIG)),
    Failure(name="another size", method="GET", fault=faults.status(200, headers=BIG)),
    Failure(name="missing", permanent=NOT_FOUND, method="HEAD", fault=faults.status(404)),
    Failure(
        name="gone since", permanent=NOT_FOUND, method="GET", fault=faults.status(404, error="NoSuchKey")
    ),
    Failure(name="missing or not readable", method="HEAD", fault=faults.status(403)),
    Failure(name="not readable", method="GET", fault=faults.status(403, error="AccessDenied")),
    Failure(name="wrong Region", method="HEAD", fault=faults.status(301)),
    Failure(name="bad request", method="HEAD", fault=faults.status(400)),
    *(
        Failure(name=f"{name} at {method} {path}", method=method, path=path, fault=fault)
        for method, path in (("HEAD", ORIGINAL), ("HEAD", DERIVATIVE), ("GET", ORIGINAL), ("PUT", DERIVATIVE))
        for name, fault in (
            ("500", faults.status(500, error="InternalError")),
            ("503", faults.status(503, error="SlowDown")),
            ("429", faults.status(429, error="TooManyRequests")),
            ("reset", faults.reset),
            ("close", faults.close),
        )
    ),
    Failure(name="truncated on the way", method="GET", fault=faults.truncate),
    Failure(name="replaced all the time", method="GET", fault=faults.status(412)),
    Failure(name="overtaken all the time", method="PUT", fault=faults.status(412)),
    Failure(name="an error in a 200", method="PUT", fault=faults.status(200, error="InternalError")),
    *(
        Failure(
            name=f"expired token at {method}", method=method, fault=faults.status(400, error="ExpiredToken")
        )
        for method in ("HEAD", "GET", "PUT")
    ),
    Failure(name="no permission to write", method="PUT", fault=faults.status(403, error="AccessDenied")),
    Failure(name="write refused", method="PUT", fault=faults.status(400, error="InvalidArgument")),
    Failure(name="bucket gone", method="PUT", fault=faults.status(404, error="NoSuchBucket")),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.name)
def test_failures(edge: "Edge", failure: Failure) -> None:
    edge.upload("cat.jpg", (IMAGES / failure.original).read_bytes())
    if failure.fault:
        edge.proxy.inject(failure.fault, method=failure.method, path=path_of(edge, failure.path))
    result = edge.request("/cat.jpg", "size=S")
    if failure.permanent:
        assert outcome_of(result) == failure.permanent
    else:
        assert result == redirect_to("/cat.jpg")
    assert edge.listing() == ["cat.jpg"]
    (line,) = edge.log()
    assert line["outcome"] == ("refused" if failure.permanent else "redirected")
    if failure.name in {"missing or not readable", "not readable", "no permission to write"}:
        assert line["reason"].endswith("denies access")
        assert line["level"] == "ERROR"
    else:
        assert "Error" in line["reason"] or "NotAnImage" in line["reason"] or "TooMany" in line["reason"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("size=EVIL", "The parameter size must be one of: XS, S, M, L, SXS, SS, SM, SL."),
        ("size=EVIL&size=S", "The parameter size has two different values."),
        ("size=S&size=M", "The parameter size has two different values."),
        ("size=s", "The parameter size must be one of: XS, S, M, L, SXS, SS, SM, SL."),
        ("size=", "The parameter size must be one of: XS, S, M, L, SXS, SS, SM, SL."),
        ("size=S&to_webp=maybe", "The parameter to_webp must be one of: 1, 0."),
        ("to_webp=2", "The parameter to_webp must be one of: 1, 0."),
        ("to_webp=1&to_webp=0", "The parameter to_webp has two different values."),
        ("width=0", "The parameter width must be a whole number from 1 to 16383."),
        ("quality=101", "The parameter quality must be a whole number from 1 to 100."),
        ("gravity=0.5", "The parameter gravity must be x,y with numbers from 0 to 1."),
        ("fit=crop", "The parameter fit must be one of: inside, cover, contain, fill."),
        ("size=S&width=640", "The parameters size and width cannot be combined."),
        ("fit=cover&width=640", "The parameter fit cover needs width and height."),
    ],
)
@pytest.mark.parametrize("originals", ["as_is", "cleaned"])
def test_an_invalid_parameter(edge: "Edge", query: str, sentence: str, originals: str) -> None:
    edge.settings["x-env-originals"] = originals
    result = edge.request("/cat.jpg", query)
    assert outcome_of(result) == INVALID
    assert f"<Message>{sentence}</Message>" in result["body"]
    assert edge.proxy.requests == []
    (line,) = edge.log()
    assert (line["outcome"], line["key"], line["query"]) == ("refused", "cat.jpg", query)


def test_an_image_never_replaces_facts_about_it(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.status(503))
    assert outcome_of(edge.request("/cat.jpg", "format=json")) == UNAVAILABLE


@pytest.mark.parametrize("originals", ["as_is", "cleaned"])
def test_a_name_that_is_too_long_for_a_derivative(edge: "Edge", originals: str) -> None:
    edge.settings["x-env-originals"] = originals
    result = edge.request("/" + "x" * 1018 + ".jpg")
    assert outcome_of(result) == ("400", "KeyTooLongError", CACHED_BRIEFLY)
    assert edge.proxy.requests == []


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("HEAD", ORIGINAL, faults.hang),
        ("HEAD", DERIVATIVE, faults.hang),
        ("GET", ORIGINAL, faults.hang),
        ("PUT", DERIVATIVE, faults.hang),
        ("HEAD", ORIGINAL, faults.trickle_headers),
        ("HEAD", DERIVATIVE, faults.trickle_headers),
        ("GET", ORIGINAL, faults.trickle_headers),
        ("GET", ORIGINAL, faults.trickle_body),
        ("PUT", DERIVATIVE, faults.trickle_headers),
    ],
)
def test_a_hanging_s3_ends_at_the_deadline(
    edge: "Edge", cat: bytes, method: str, path: str, fault: "Fault"
) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(fault, method=method, path=path_of(edge, path))
    # On a busy machine, the transform before the PUT takes seconds.
    limit_seconds = 6 if method == "PUT" else 3
    started = time.monotonic()
    assert edge.request("/cat.jpg", limit_seconds=limit_seconds) == redirect_to("/cat.jpg")
    assert time.monotonic() - started < limit_seconds + BUSY_SECONDS
    assert "TransientError" in edge.log()[0]["reason"]


def test_a_silent_s3_ends_after_the_last_attempt(edge: "Edge", cat: bytes) -> None:
    """The viewer does not wait for the whole 30 seconds of Lambda@Edge."""
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.hang, method="HEAD")
    started = time.monotonic()
    assert edge.request("/cat.jpg", limit_seconds=30)["status"] == "302"
    assert time.monotonic() - started < 25


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The response waits for the end of the work, which takes longer on a busy machine."""
    monkeypatch.setattr("edge_resize.handler._TASK_MARGIN_SECONDS", -BUSY_SECONDS)


@pytest.mark.usefixtures("patient", "patient_parent")
def test_an_image_that_takes_too_long(edge: "Edge") -> None:
    edge.upload("cat.gif", slow_animation())
    started = time.monotonic()
    result = edge.request("/cat.gif", "size=S&to_webp=1", limit_seconds=2.5)
    assert outcome_of(result) == ("415", "ImageTooSlow", CACHED_BRIEFLY)
    assert time.monotonic() - started < 2.5 + BUSY_SECONDS
    assert "TransformTooSlow" in edge.log()[0]["reason"]


@needs_proc
@pytest.mark.usefixtures("patient")
def test_a_decoder_that_hangs_is_ended(edge: "Edge", cat: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    edge.upload("cat.jpg", cat)
    before = children()
    with monkeypatch.context() as patched:
        patched.setattr("image_core.derived.transform", hang_in_c)
        result = edge.request("/cat.jpg", limit_seconds=4)
    assert outcome_of(result) == ("415", "ImageTooSlow", CACHED_BRIEFLY)
    assert "OutOfTimeError" in edge.log()[0]["cause"]
    assert not remaining_children(before)
    assert edge.request("/cat.jpg")["uri"] == DERIVATIVE


def test_a_decoder_that_crashes_ends_one_child(
    edge: "Edge", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge.upload("cat.jpg", cat)
    monkeypatch.setattr("image_core.derived.transform", crash)
    assert outcome_of(edge.request("/cat.jpg")) == UNSUPPORTED
    (line,) = edge.log()
    assert line["outcome"] == "refused"
    assert "crashed: SIGSEGV" in line["reason"]


def test_an_image_for_which_the_memory_is_too_small(
    edge: "Edge", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge.upload("cat.jpg", cat)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
    assert outcome_of(edge.request("/cat.jpg")) == TOO_LARGE
    (line,) = edge.log()
    assert line["outcome"] == "refused"
    assert "TooMuchMemory" in line["reason"]


def test_retries_hide_two_faults(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.status(503, error="SlowDown"), times=2)
    assert edge.request("/cat.jpg")["uri"] == DERIVATIVE


def test_a_derivative_without_its_original_is_not_served(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.request("/cat.jpg")
    edge.s3.delete_object(Bucket=edge.bucket, Key="cat.jpg")
    assert outcome_of(edge.request("/cat.jpg")) == NOT_FOUND


def test_a_403_for_the_derivative_is_a_miss(edge: "Edge", cat: bytes) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.status(403), method="HEAD", path=path_of(edge, DERIVATIVE))
    assert edge.request("/cat.jpg")["uri"] == DERIVATIVE
    assert edge.image(DERIVATIVE[1:]).size == (640, 427)


@pytest.mark.parametrize(
    ("uri", "query"),
    [
        ("/style.css", ""),
        ("/style.css", "size=S"),
        ("/", "size=S"),
        ("/jpg", "size=S"),
        ("/cat.jpg/", "size=S"),
        ("/resized/S/cat.jpg", "size=S"),
        ("/%72esized/S/cat.jpg", "size=S"),
        ("/x/../cat.jpg", "size=S"),
        ("/caf%E9.jpg", "size=S"),
    ],
)
def test_other_requests_are_unchanged_without_a_request_to_s3(edge: "Edge", uri: str, query: str) -> None:
    assert edge.request(uri, query) == edge.event(uri, query)["Records"][0]["cf"]["request"]
    assert edge.proxy.requests == []
    assert edge.log() == []


@pytest.mark.parametrize("query", ["", "to_webp=0", "utm_source=x"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_original_without_a_lifetime_gets_that_of_the_settings(
    edge: "Edge", cat: bytes, method: str, query: str
) -> None:
    edge.settings["x-env-cache-control"] = "public, max-age=600, s-maxage=900"
    edge.upload("cat.jpg", cat)
    found = edge.request("/cat.jpg", query, method=method)
    sent = "response-cache-control=public%2C%20max-age%3D600%2C%20s-maxage%3D900"
    event = edge.event("/cat.jpg", sent, method=method)
    assert found == event["Records"][0]["cf"]["request"]
    assert [request.method for request in edge.proxy.requests] == ["HEAD"]
    assert edge.log() == []


@pytest.mark.parametrize(
    "headers", [{"CacheControl": "private"}, {"Expires": "Thu, 01 Jan 2026 12:00:00 GMT"}]
)
def test_an_original_keeps_its_own_lifetime(edge: "Edge", cat: bytes, headers: dict[str, str]) -> None:
    edge.upload("cat.jpg", cat, **headers)
    assert edge.request("/cat.jpg", "") == edge.event("/cat.jpg", "")["Records"][0]["cf"]["request"]


@pytest.mark.parametrize("status", [403, 404, 500])
def test_an_original_that_cannot_be_looked_up_is_requested_without_a_lifetime(
    edge: "Edge", cat: bytes, status: int
) -> None:
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.status(status), method="HEAD")
    assert edge.request("/cat.jpg", "") == edge.event("/cat.jpg", "")["Records"][0]["cf"]["request"]


def test_the_lookup_of_an_original_ends_at_its_own_deadline(
    edge: "Edge", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_resize.handler._LOOKUP_SECONDS", 0.3)
    edge.upload("cat.jpg", cat)
    edge.proxy.inject(faults.hang, method="HEAD")
    started = time.monotonic()
    assert edge.request("/cat.jpg", "") == edge.event("/cat.jpg", "")["Records"][0]["cf"]["request"]
    assert time.monotonic() - started < 0.3 + BUSY_SECONDS


@pytest.mark.parametrize(
    ("key", "uri", "sent"),
    [
        ("a+b.jpg", "/a+b.jpg", "/a%2Bb.jpg"),
        ("a+b.jpg", "/a%2Bb.jpg", "/a%2Bb.jpg"),
        ("a b.jpg", "/a%20b.jpg", "/a%20b.jpg"),
        ("100%+.jpg", "/100%25+.jpg", "/100%25%2B.jpg"),
        ("été+1/🐈.jpg", "/%C3%A9t%C3%A9+1/%F0%9F%90%88.jpg", "/%C3%A9t%C3%A9%2B1/%F0%9F%90%88.jpg"),
    ],
)
def test_s3_reads_the_right_key_of_an_original(
    edge: "Edge", cat: bytes, key: str, uri: str, sent: str
) -> None:
    """Both the original and the redirect to the original: S3 decodes a literal plus as a space."""
    edge.upload(key, cat)
    assert edge.request(uri, "")["uri"] == sent
    edge.proxy.inject(faults.status(500))
    assert edge.request(uri) == redirect_to(sent)
    # unquote_plus decodes a path as S3 does.
    assert unquote_plus(sent) == f"/{key}"


@pytest.mark.parametrize("uri", ["/style+1.css", "/resized/S/a+b.jpg", "/caf%E9+.jpg"])
def test_a_plus_in_other_paths_is_encoded(edge: "Edge", uri: str) -> None:
    assert edge.request(uri)["uri"] == uri.replace("+", "%2B")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods(edge: "Edge", method: str) -> None:
    expected = edge.event("/cat.jpg", method=method)["Records"][0]["cf"]["request"]
    assert edge.request("/cat.jpg", method=method) == expected
    assert edge.proxy.requests == []


def test_invalid_settings(edge: "Edge") -> None:
    edge.settings.update({"x-env-quality": "best", "x-env-sizes": "[]"})
    assert outcome_of(edge.request("/cat.jpg")) == ("500", "", "no-store")
    (line,) = edge.log()
    assert "x-env-quality" in line["reason"]
    assert "x-env-sizes:" in line["reason"]


@pytest.mark.parametrize("name", ["origin-request-custom-origin", "viewer-request"])
def test_other_events_of_cloudfront(name: str) -> None:
    """They have no settings, so the function cannot decide whether the original may be served."""
    event = json.loads((EVENTS / f"{name}.json").read_text())
    assert outcome_of(lambda_handler(event, None)) == ("500", "", "no-store")


@pytest.mark.parametrize("event", [None, {}, {"Records": []}, []])
def test_other_events(event: Any) -> None:
    result = lambda_handler(event, None)
    assert (result["status"], result["headers"]["cache-control"][0]["value"]) == ("500", "no-store")


def _remove_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


def _remove_ca_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere.pem")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://127.0.0.1:9")


def _break_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "somewhere")


@pytest.mark.parametrize("break_it", [_remove_credentials, _remove_ca_file, _break_endpoint])
def test_no_exception_leaves_the_handler(
    edge: "Edge", monkeypatch: pytest.MonkeyPatch, break_it: Callable[[pytest.MonkeyPatch], None]
) -> None:
    break_it(monkeypatch)
    assert edge.request("//evil.example/cat.jpg") == redirect_to("/%2Fevil.example/cat.jpg")
    (line,) = edge.log()
    assert line["outcome"] == "redirected"


def test_without_a_context(edge: "Edge") -> None:
    assert lambda_handler(edge.event("/cat.jpg"), None) == redirect_to("/cat.jpg")
    (line,) = edge.log()
    assert line["level"] == "ERROR"
    assert "Traceback" in line["stackTrace"][0]


def path_of(edge: "Edge", path: str) -> str:
    """Return the start of a path at an endpoint, where the bucket is part of the path."""
    return f"/{edge.bucket}{path}" if path else ""


def slow_animation() -> bytes:
    """Return a GIF of 200 frames of noise, which takes several times the limit to become a WebP."""
    noise = random.Random(0)  # noqa: S311 - reproducible
    pixels = [bytes(noise.choices(range(0, 256, 85), k=640 * 480)) for _ in range(2)]
    frames = [Image.frombytes("L", (640, 480), frame) for frame in pixels]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=(frames * 100)[1:], optimize=False)
    return file.getvalue()
