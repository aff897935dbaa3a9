"""Requests without a derivative: permanent errors, transient errors, missing permissions."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.functions.regional_resize.conftest import ViewerResponse, path_of
from tests.libs.lambda_runtime.processes import children, crash, hang_in_c, needs_proc, remaining_children
from tests.libs.s3_http import fault_proxy as faults

if TYPE_CHECKING:
    from tests.functions.regional_resize.conftest import Region
    from tests.libs.s3_http.fault_proxy import Fault

IMAGES = Path(__file__).parents[2] / "images"
CASES = Path(__file__).parents[2] / "cases"
# Tolerance for a busy machine.
BUSY_SECONDS = 3
TRY_AGAIN = "The image cannot be delivered at the moment; try again later."


def check_permanent(response: ViewerResponse, status: int, code: str) -> None:
    assert (response.status, response.code) == (status, code)
    assert response.headers["cache-control"] == "public, max-age=60"
    assert response.message.endswith(".")


def check_transient(response: ViewerResponse) -> None:
    assert (response.status, response.code) == (503, "ServiceUnavailable")
    assert response.headers["cache-control"] == "no-store"
    assert response.message == TRY_AGAIN


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("broken/text.jpg", "UnsupportedImage"),
        ("broken/empty.jpg", "UnsupportedImage"),
        ("broken/truncated.jpg", "UnsupportedImage"),
        ("broken/30000x30000.png", "ImageTooLarge"),
    ],
)
@pytest.mark.parametrize("query", ["", "width=64", "format=auto-avif"])
def test_a_broken_original(region: "Region", file: str, code: str, query: str) -> None:
    key = Path(file).name
    region.upload(key, (IMAGES / file).read_bytes())
    response = region.request(path_of(key, query))
    check_permanent(response, 415, code)
    assert region.listing() == []
    [line] = region.log()
    assert (line["outcome"], line["level"], line["code"]) == ("refused", "WARNING", code)


def test_a_missing_original(region: "Region") -> None:
    check_permanent(region.request(path_of("cat.jpg")), 404, "NoSuchKey")
    assert region.calls() == ["GET original", "HEAD derivative"]


def test_an_original_with_too_many_bytes(region: "Region") -> None:
    """The length stands in the headers, so the body is not read."""
    headers = {"Content-Length": "67108865", "ETag": '"big"'}
    region.proxy.inject(faults.status(200, headers=headers), method="GET")
    check_permanent(region.request(path_of("cat.jpg")), 415, "ImageTooLarge")


def test_an_archived_original(region: "Region") -> None:
    region.proxy.inject(faults.status(403, error="InvalidObjectState"), method="GET")
    check_permanent(region.request(path_of("cat.jpg")), 403, "InvalidObjectState")
    assert [line["level"] for line in region.log()] == ["WARNING"]


class Denied(NamedTuple):
    """A request that S3 denies."""

    method: str
    kind: str
    stored: bool = False
    replaced: bool = False


@pytest.mark.parametrize(
    "denied",
    [
        Denied("GET", "original"),
        Denied("HEAD", "original"),
        Denied("HEAD", "derivative"),
        Denied("GET", "derivative", stored=True),
        Denied("PUT", "derivative"),
        Denied("DELETE", "derivative", replaced=True),
    ],
    ids=lambda denied: f"{denied.method} {denied.kind}",
)
def test_a_missing_permission_is_no_missing_image(region: "Region", cat: bytes, denied: Denied) -> None:
    """Every action of the role, removed in turn, gives an uncached 503 and an ERROR with the request."""
    region.upload("cat.jpg", cat)
    path = path_of("cat.jpg")
    if denied.stored:
        region.request(path)
        region.log()
    if denied.replaced:
        # The HEAD before the PUT.
        region.proxy.inject(faults.pass_through, method="HEAD", path=f"/{region.originals}/", times=1)
        region.proxy.inject(
            faults.status(200, headers={"ETag": '"other"'}), method="HEAD", path=f"/{region.originals}/"
        )
    bucket = region.originals if denied.kind == "original" else region.derivatives
    region.proxy.inject(faults.status(403, error="AccessDenied"), method=denied.method, path=f"/{bucket}/")
    check_transient(region.request(path))
    [line] = region.log()
    assert (line["outcome"], line["level"]) == ("failed", "ERROR")
    key = "cat.jpg" if denied.kind == "original" else path
    assert line["reason"].startswith(f"{denied.method} {key}: 403")
    assert line["reason"].endswith("denies access")


@pytest.mark.parametrize(
    "fault",
    [faults.status(503, error="SlowDown"), faults.status(500), faults.reset, faults.close, faults.truncate],
    ids=["SlowDown", "500", "reset", "closed", "truncated"],
)
@pytest.mark.parametrize(
    ("method", "kind"), [("GET", "original"), ("HEAD", "derivative"), ("PUT", "derivative")]
)
def test_a_fault_of_s3(region: "Region", cat: bytes, fault: "Fault", method: str, kind: str) -> None:
    """A fault of one response costs a retry; a fault of all responses is a transient error."""
    region.upload("cat.jpg", cat)
    bucket = region.originals if kind == "original" else region.derivatives
    path = path_of("cat.jpg", "format=json")
    region.proxy.inject(fault, method=method, path=f"/{bucket}/", times=1)
    assert region.request(path).status == 200
    region.s3.delete_object(Bucket=region.derivatives, Key=path)
    region.log()
    if fault is faults.truncate and method != "GET":
        return  # responses to HEAD and PUT have no body
    region.proxy.inject(fault, method=method, path=f"/{bucket}/")
    check_transient(region.request(path))
    [line] = region.log()
    assert (line["outcome"], line["level"]) == ("failed", "WARNING")


@pytest.mark.parametrize(
    ("method", "kind"), [("GET", "original"), ("HEAD", "derivative"), ("PUT", "derivative")]
)
def test_s3_that_hangs(
    region: "Region", cat: bytes, monkeypatch: pytest.MonkeyPatch, method: str, kind: str
) -> None:
    # On a busy machine, the transform before the PUT would be the first to run out of time.
    monkeypatch.setattr("regional_resize.handler._TRANSFORM_MARGIN_SECONDS", -60)
    region.upload("cat.jpg", cat)
    bucket = region.originals if kind == "original" else region.derivatives
    region.proxy.inject(faults.hang, method=method, path=f"/{bucket}/")
    started = time.monotonic()
    check_transient(region.request(path_of("cat.jpg", "format=json"), limit_seconds=4.5))
    assert time.monotonic() - started < 4.5 + BUSY_SECONDS


@needs_proc
def test_a_transform_that_hangs_or_crashes(
    region: "Region", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    region.upload("cat.jpg", cat)
    before = children()
    for work, code, limit_seconds in ((hang_in_c, "ImageTooSlow", 4.5), (crash, "UnsupportedImage", 30)):
        monkeypatch.setattr("image_core.derive", work, raising=False)
        check_permanent(region.request(path_of("cat.jpg"), limit_seconds=limit_seconds), 415, code)
        assert remaining_children(before) == set()
    assert region.listing() == []


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"BUCKET_NAME": ""}, "BUCKET_NAME must be the name of a bucket, not ''"),
        ({"DERIVATIVES_BUCKET_NAME": "A"}, "DERIVATIVES_BUCKET_NAME must be the name of a bucket, not 'A'"),
        ({"DERIVATIVES_BUCKET_NAME": "same", "BUCKET_NAME": "same"}, "must not be BUCKET_NAME"),
        (
            {"DERIVATIVE_EXPIRATION_DAYS": "0"},
            "DERIVATIVE_EXPIRATION_DAYS must be a number of days, or empty, not '0'",
        ),
        ({"IMAGE_CACHE_CONTROL": "a\nb"}, "IMAGE_CACHE_CONTROL must be a value of Cache-Control"),
    ],
)
def test_invalid_settings(
    region: "Region", monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], problem: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    check_transient(region.request(path_of("cat.jpg")))
    [line] = region.log()
    assert line["level"] == "ERROR"
    assert problem in line["reason"]


def test_an_unexpected_error(region: "Region", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    check_transient(region.request(path_of("cat.jpg")))
    [line] = region.log()
    assert (line["level"], line["reason"]) == ("ERROR", "KeyError('AWS_ACCESS_KEY_ID')")
    assert line["stackTrace"]


def test_an_error_document_names_the_path_and_not_the_url_of_the_viewer(region: "Region") -> None:
    """The response is cached for all viewers, and the URL of one may have a signature."""
    path = path_of("cat.jpg")
    response = region.request(path, viewer_url="/cat.jpg?w=640&signature=secret")
    assert b"<Resource>/cat.jpg</Resource>" in response.body
    without = region.request(path, viewer_url=None)
    assert f"<Resource>/{path}</Resource>".encode() in without.body
    assert b"secret" not in response.body
