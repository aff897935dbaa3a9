"""Derivatives of uploads: size, key, headers, and errors that leave the other records alone."""

import base64
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import image_core
import pytest
from image_core import convolution
from lambda_runtime import SettingsError
from PIL import Image
from s3_trigger.errors import EventError, RecordsFailedError
from s3_trigger.handler import lambda_handler

from tests.functions.s3_trigger.conftest import Trigger, make_image
from tests.libs.lambda_runtime.processes import children, crash, hang_in_c, needs_proc
from tests.libs.s3_http.fault_proxy import Handler, status

IMAGES = Path(__file__).parents[2] / "images"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("cat.jpg", "image/jpeg"),
        ("cat.png", "image/png"),
        ("cat.gif", "image/gif"),
        ("cat.bmp", "image/bmp"),
        ("cat.avif", "image/avif"),
        ("cat.webp", "image/webp"),
        ("coffee.mpo", "image/jpeg"),
        ("orientation/6.jpg", "image/jpeg"),
        ("coffee-animated.gif", "image/gif"),
    ],
)
def test_an_upload_gets_a_derivative_of_300_by_300_pixels(
    trigger: Trigger, name: str, content_type: str
) -> None:
    record = trigger.upload(f"source-folder/{name}", (IMAGES / name).read_bytes(), ContentType="text/plain")

    assert trigger.handle(record) == {f"source-folder/{name}": "made"}

    stored = trigger.read_object(name)
    assert trigger.derivative(name).size == (300, 300)
    assert stored["ContentType"] == content_type
    assert stored["Metadata"]["resized"] == "true"
    assert stored["Metadata"]["source-etag"] == record["s3"]["object"]["eTag"]


@pytest.mark.parametrize(
    ("fit", "size"),
    [("cover", (300, 300)), ("contain", (300, 300)), ("fill", (300, 300)), ("inside", (300, 200))],
)
def test_fits(trigger: Trigger, monkeypatch: pytest.MonkeyPatch, fit: str, size: tuple[int, int]) -> None:
    monkeypatch.setenv("FIT", fit)
    trigger.handle(trigger.upload("source-folder/a.png", make_image(size=(600, 400))))
    assert trigger.derivative("a.png").size == size


@pytest.mark.parametrize(
    ("metadata", "size"),
    [
        ({"width": "640", "height": "400"}, (640, 400)),
        ({"Width": "640", "HEIGHT": "400"}, (640, 400)),
        ({"width": "120"}, (120, 300)),
        ({"height": "30"}, (300, 30)),
        ({"camera": "x"}, (300, 300)),
    ],
)
def test_metadata_of_the_original_overrides_the_size(
    trigger: Trigger, metadata: dict[str, str], size: tuple[int, int]
) -> None:
    trigger.handle(trigger.upload("source-folder/a.png", make_image(), Metadata=metadata))
    assert trigger.derivative("a.png").size == size


@pytest.mark.parametrize("value", ["", "0", "-5", "1e3", "12.5", "wide", "99999999999", "16384", "3 0"])
@pytest.mark.parametrize("name", ["width", "height"])
def test_an_invalid_size_fails_only_its_record(trigger: Trigger, name: str, value: str) -> None:
    bad = trigger.upload("source-folder/bad.png", make_image(), Metadata={name: value})
    good = trigger.upload("source-folder/good.png", make_image())

    with pytest.raises(RecordsFailedError, match=f"1 of 2 .*source-folder/bad.png: its metadata {name}"):
        trigger.handle(bad, good)

    assert trigger.keys() == {"good.png"}


def test_a_size_beyond_the_limits_fails_its_record(trigger: Trigger) -> None:
    record = trigger.upload(
        "source-folder/a.png", make_image(), Metadata={"width": "16000", "height": "16000"}
    )
    with pytest.raises(RecordsFailedError, match="pixels"):
        trigger.handle(record)


@pytest.mark.parametrize(
    "name",
    [
        "x.png",
        "a/x.png",
        "b/x.png",
        "two words.png",
        "a+b.png",
        "ü/日本.png",
        "100%25.png",
        "a=b&c?d#e.png",
        "x",
    ],
)
def test_keys(trigger: Trigger, name: str) -> None:
    assert trigger.handle(trigger.upload(f"source-folder/{name}", make_image())) == {
        f"source-folder/{name}": "made"
    }
    assert trigger.keys() == {name}


def test_folders_do_not_collide(trigger: Trigger) -> None:
    trigger.handle(
        trigger.upload("source-folder/a/x.png", make_image("red")),
        trigger.upload("source-folder/b/x.png", make_image("blue")),
    )
    assert trigger.colour("a/x.png") == (255, 0, 0)
    assert trigger.colour("b/x.png") == (0, 0, 255)


@pytest.mark.parametrize(
    "key",
    [
        "x.png",
        "source-folder",
        "source-folder/",
        "source-folder/a/",
        "Source-Folder/x.png",
        "restore-folder/x.png",
    ],
)
def test_keys_outside_the_source_prefix(trigger: Trigger, key: str) -> None:
    assert trigger.handle(trigger.upload(key, make_image())) == {key: "outside"}
    assert not trigger.keys()


@pytest.mark.parametrize(("key", "outcome"), [("x.png", "made"), ("restore-folder/x.png", "outside")])
def test_the_whole_bucket_as_source(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch, key: str, outcome: str
) -> None:
    monkeypatch.setenv("SOURCE_PREFIX", "")
    assert trigger.handle(trigger.upload(key, make_image())) == {key: outcome}


def test_another_bucket_is_outside(trigger: Trigger) -> None:
    assert trigger.handle(trigger.record("another", "source-folder/x.png")) == {
        "source-folder/x.png": "outside"
    }
    assert not trigger.proxy.requests


def test_cache_control_is_inherited(trigger: Trigger) -> None:
    trigger.handle(
        trigger.upload("source-folder/a.png", make_image(), CacheControl="max-age=60"),
        trigger.upload("source-folder/b.png", make_image()),
    )
    assert trigger.read_object("a.png")["CacheControl"] == "max-age=60"
    assert "CacheControl" not in trigger.read_object("b.png")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "public, max-age=600, s-maxage=60"),
        ({"CacheControl": "max-age=60"}, "max-age=60"),
        ({"Expires": datetime(2094, 12, 1, 16, tzinfo=UTC)}, None),
    ],
)
def test_the_default_cache_control(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch, headers: dict[str, Any], expected: str | None
) -> None:
    monkeypatch.setenv("CACHE_CONTROL", "public, max-age=600, s-maxage=60")
    record = trigger.upload("source-folder/a.png", make_image(), **headers)
    assert [trigger.handle(record)["source-folder/a.png"] for _ in range(2)] == ["made", "current"]
    assert trigger.read_object("a.png").get("CacheControl") == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"Expires": datetime(1994, 12, 1, 16, tzinfo=UTC)},
        {"Expires": datetime(2094, 12, 1, 16, tzinfo=UTC), "CacheControl": "max-age=1"},
        {"ContentDisposition": 'inline; filename="a.png"', "ContentLanguage": "de, en"},
    ],
)
def test_inherited_headers(trigger: Trigger, headers: dict[str, Any]) -> None:
    record = trigger.upload("source-folder/a.png", make_image(), **headers)
    assert trigger.handle(record) == {"source-folder/a.png": "made"}
    stored = trigger.s3.head_object(Bucket=trigger.destination, Key="a.png")
    assert {name: stored.get(name) for name in headers} == headers
    assert trigger.handle(record) == {"source-folder/a.png": "current"}
    changed = trigger.upload("source-folder/a.png", make_image())
    assert trigger.handle(changed) == {"source-folder/a.png": "made"}
    assert not set(headers) & set(trigger.s3.head_object(Bucket=trigger.destination, Key="a.png"))


@pytest.mark.parametrize("value", ["0", "-1", "soon"])
def test_an_invalid_expires_is_in_the_past(trigger: Trigger, value: str) -> None:
    trigger.s3.meta.events.register(
        "before-sign.s3.PutObject", lambda request, **_: request.headers.add_header("Expires", value)
    )
    record = trigger.upload("source-folder/a.png", make_image())
    assert trigger.handle(record) == {"source-folder/a.png": "made"}
    stored = trigger.s3.head_object(Bucket=trigger.destination, Key="a.png")
    assert stored["Expires"] <= datetime(1970, 1, 1, tzinfo=UTC)
    assert trigger.handle(record) == {"source-folder/a.png": "current"}


def test_headers_that_cannot_be_signed(trigger: Trigger, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that may forbid caching does; another one is omitted."""
    monkeypatch.setenv("CACHE_CONTROL", "public, max-age=5")
    trigger.proxy.inject(respond_with_umlauts, method="HEAD", path=trigger.source)
    trigger.proxy.inject(respond_with_umlauts, method="GET", path=trigger.source)
    record = trigger.upload("source-folder/a.png", make_image())
    assert trigger.handle(record) == {"source-folder/a.png": "made"}
    stored = trigger.read_object("a.png")
    assert ("ContentDisposition" in stored, stored["CacheControl"]) == (False, "no-store")


def respond_with_umlauts(handler: Handler) -> None:
    """Add headers that are not ASCII to the response of S3."""
    response = handler.forward()
    headers = {name: value for name, value in response.headers.items() if name.lower() != "date"}
    umlaut = "ü".encode().decode("latin-1")
    headers |= {"Content-Disposition": f'inline; filename="{umlaut}ber.png"', "Cache-Control": f"x={umlaut}"}
    handler.respond(response.status, headers, handler.response_body)


def test_a_derivative_carries_a_checksum(trigger: Trigger) -> None:
    """Object Lock with a default retention rejects a PUT without a checksum."""
    trigger.handle(trigger.upload("source-folder/a.png", make_image()))
    (put,) = [request for request in trigger.proxy.requests if request.method == "PUT"]
    assert put.headers["x-amz-sdk-checksum-algorithm"] == "CRC32"
    body = trigger.read_object("a.png")["Body"].read()
    checksum = base64.b64encode(zlib.crc32(body).to_bytes(4, "big"))
    assert checksum.decode() == put.headers.get("x-amz-checksum-crc32") or checksum in put.body


def test_an_error_document_in_a_200_is_retried(trigger: Trigger) -> None:
    """The error occurs after S3 has sent the status line, and the object is not stored."""
    record = trigger.upload("source-folder/a.png", make_image())
    trigger.proxy.inject(status(200, error="InternalError"), method="PUT", times=1)
    assert trigger.handle(record) == {"source-folder/a.png": "made"}
    assert trigger.derivative("a.png").size == (300, 300)


def test_a_deleted_original_is_skipped(trigger: Trigger) -> None:
    assert trigger.handle(trigger.record(trigger.source, "source-folder/x.png")) == {
        "source-folder/x.png": "gone"
    }


def test_a_derivative_in_the_source_bucket_is_skipped(trigger: Trigger) -> None:
    record = trigger.upload("source-folder/a.png", make_image(), Metadata={"resized": "true"})
    assert trigger.handle(record) == {"source-folder/a.png": "marked"}
    assert not trigger.keys()


def test_two_invalid_originals_among_five_records(trigger: Trigger) -> None:
    records = [trigger.upload(f"source-folder/{name}.png", make_image()) for name in "ace"]
    records.insert(1, trigger.upload("source-folder/b.png", b"no image"))
    records.insert(3, trigger.upload("source-folder/d.png", make_image()[:-50]))

    with pytest.raises(RecordsFailedError) as caught:
        trigger.handle(*records)

    assert set(caught.value.reasons) == {"source-folder/b.png", "source-folder/d.png"}
    assert "2 of 5 records failed: source-folder/b.png: " in str(caught.value)
    assert trigger.keys() == {"a.png", "c.png", "e.png"}
    assert [line["outcome"] for line in trigger.log()] == ["made", "failed", "made", "failed", "made"]

    trigger.upload("source-folder/b.png", make_image())
    trigger.upload("source-folder/d.png", make_image())
    assert list(trigger.handle(*records).values()) == ["current", "made", "current", "made", "current"]


def test_the_log_has_the_duration_of_each_phase(trigger: Trigger) -> None:
    record = trigger.upload("source-folder/a.png", make_image())
    trigger.handle(record)
    trigger.handle(record)
    size = trigger.read_object("a.png")["ContentLength"]
    with pytest.raises(RecordsFailedError):
        trigger.handle(trigger.upload("source-folder/b.png", b"no image"))
    trigger.handle(trigger.upload("a.png", b"manual", manual=True))
    lines = trigger.log()
    assert (lines[0]["original_bytes"], lines[0]["derivative_bytes"]) == (len(make_image()), size)
    assert [line["outcome"] for line in lines if "derivative_bytes" in line] == ["made"]
    assert [(line["outcome"], list(line["spent_ms"])) for line in lines] == [
        ("made", ["lookup", "fetch", "transform", "store"]),
        ("current", ["lookup"]),
        ("failed", ["lookup", "fetch", "transform"]),
        ("restored", ["lookup", "store"]),
    ]


@pytest.mark.usefixtures("patient_parent")
def test_a_slow_image_fails_only_its_record(trigger: Trigger, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, good = (trigger.upload(f"source-folder/{name}.png", make_image(name)) for name in ("red", "blue"))
    real = image_core.transform

    def transform(data: bytes, *more: Any) -> Any:
        while data == make_image("red"):  # no image within the limits is slow on each machine
            real(data, *more)
        return real(data, *more)

    monkeypatch.setattr("s3_trigger.derive.transform", transform)
    started = time.monotonic()
    with pytest.raises(RecordsFailedError, match=r"1 of 2 .*red.png: The image takes too long"):
        trigger.handle(slow, good, limit_seconds=9)
    assert time.monotonic() - started < 15
    assert trigger.keys() == {"blue.png"}


@needs_proc
def test_a_decoder_that_hangs_fails_only_its_record(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (trigger.upload(f"source-folder/{name}.png", make_image(name)) for name in ("red", "blue"))
    before, real = children(), image_core.transform

    def transform(data: bytes, *more: Any) -> Any:
        return hang_in_c() if data == make_image("red") else real(data, *more)

    monkeypatch.setattr("s3_trigger.derive.transform", transform)
    with pytest.raises(RecordsFailedError, match=r"1 of 2 .*red.png: not finished in time"):
        trigger.handle(bad, good, limit_seconds=9)
    assert trigger.keys() == {"blue.png"}
    assert children() == before


def test_a_decoder_that_crashes_fails_only_its_record(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (trigger.upload(f"source-folder/{name}.png", make_image(name)) for name in ("red", "blue"))
    real = image_core.transform

    def transform(data: bytes, *more: Any) -> Any:
        return crash() if data == make_image("red") else real(data, *more)

    monkeypatch.setattr("s3_trigger.derive.transform", transform)
    with pytest.raises(RecordsFailedError, match=r"1 of 2 .*red.png: the child process crashed: SIGSEGV"):
        trigger.handle(bad, good)
    assert trigger.keys() == {"blue.png"}


def test_an_image_beyond_the_memory_of_the_function(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = trigger.upload("source-folder/a.png", make_image(size=(3000, 2000)))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "160")
    with pytest.raises(RecordsFailedError, match=r"a.png: The image may take [0-9,]+ bytes of memory"):
        trigger.handle(record)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
    assert trigger.handle(record) == {"source-folder/a.png": "made"}


@pytest.mark.parametrize(
    "record", [None, 5, {}, {"s3": {}}, {"s3": {"bucket": {"name": "x"}, "object": {"key": None}}}]
)
def test_an_invalid_record_fails_alone(trigger: Trigger, record: Any) -> None:
    good = trigger.upload("source-folder/a.png", make_image())
    with pytest.raises(
        RecordsFailedError, match="1 of 2 records failed: record 1: the record names no object"
    ):
        trigger.handle(record, good)
    assert trigger.keys() == {"a.png"}


def test_an_unexpected_error_fails_only_its_record(trigger: Trigger, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = (trigger.upload(f"source-folder/{name}.png", make_image(name)) for name in ("red", "blue"))
    real = convolution.convolve

    def convolve(image: Image.Image, *arguments: Any) -> Image.Image:
        if image.convert("RGB").getpixel((0, 0)) == (255, 0, 0):
            raise ZeroDivisionError("unexpected")
        return real(image, *arguments)

    monkeypatch.setattr("image_core.resize.convolve", convolve)
    with pytest.raises(RecordsFailedError, match=r"source-folder/red.png: ZeroDivisionError\('unexpected'\)"):
        trigger.handle(bad, good)
    assert trigger.keys() == {"blue.png"}
    failed, made = trigger.log()
    assert (failed["level"], made["level"]) == ("ERROR", "INFO")
    assert "in convolve" in "".join(failed["stackTrace"])


def test_the_test_event_of_s3_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_BUCKET", raising=False)
    event = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads", "RequestId": "x"}
    assert lambda_handler(event, None) == {"outcomes": {}}


@pytest.mark.parametrize("event", [None, {}, [], "x", {"Records": None}, {"Records": {}}])
def test_invalid_events(trigger: Trigger, event: Any) -> None:
    assert trigger
    with pytest.raises(EventError):
        lambda_handler(event, None)


def test_invalid_settings_raise_so_that_no_event_is_lost(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIT", "stretch")
    with pytest.raises(SettingsError, match="FIT"):
        trigger.handle(trigger.upload("source-folder/a.png", make_image()))
