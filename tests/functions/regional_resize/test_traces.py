"""Traces of derivatives that S3 deletes after some days."""

from typing import TYPE_CHECKING

import pytest

from tests.functions.regional_resize.conftest import path_of
from tests.functions.regional_resize.test_batch import CLEAN, SMALL, run
from tests.functions.regional_resize.test_races import KEY, PATH, check_derivative, image, meanwhile
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import Handler, pass_through

if TYPE_CHECKING:
    from tests.functions.regional_resize.conftest import Region


@pytest.fixture(autouse=True)
def expiration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DERIVATIVE_EXPIRATION_DAYS", "30")


def puts(region: "Region") -> list[str]:
    """Return the names of the objects that the function stored, in their order."""
    return [each.path.rpartition("/")[2] for each in region.proxy.requests if each.method == "PUT"]


def test_the_first_derivative_of_an_upload_leaves_a_trace_before_it_is_stored(region: "Region") -> None:
    etag = region.upload(KEY, image("blue"))
    assert region.request(PATH).status == 200
    trace, derivative = puts(region)
    assert (trace[:6], derivative) == ("trace-", PATH.rpartition("/")[2])
    assert region.calls() == [
        "GET original",
        *["HEAD derivative"] * 2,
        *["HEAD original"] * 2,
        *["PUT derivative"] * 2,
    ]
    stored = region.stored(f"{KEY}/{trace}")
    assert (stored["Data"], stored["Metadata"]) == (b"", {"source-etag": etag})


def test_another_derivative_costs_one_head(region: "Region") -> None:
    region.upload(KEY, image("blue"))
    region.request(path_of(KEY, "width=32"))
    region.calls()
    assert region.request(PATH).status == 200
    assert region.calls() == [
        "GET original",
        *["HEAD derivative"] * 2,
        *["HEAD original"] * 2,
        "PUT derivative",
    ]


def test_a_derivative_that_is_found_needs_no_trace(region: "Region") -> None:
    region.upload(KEY, image("blue"))
    region.request(PATH)
    region.calls()
    assert region.request(PATH).status == 200
    assert region.calls() == ["GET derivative", "GET original", "HEAD derivative"]


def test_a_newer_upload_leaves_a_second_trace(region: "Region") -> None:
    """Purge deletes the first one."""
    for colour in ("lime", "blue"):
        region.upload(KEY, image(colour))
        region.request(PATH)
    first, _, second, _ = puts(region)
    assert first != second
    assert region.listing() == sorted([f"{KEY}/{first}", f"{KEY}/{second}", PATH])
    check_derivative(region)


def test_no_derivative_is_stored_without_its_trace(region: "Region") -> None:
    region.upload(KEY, image("blue"))
    region.proxy.inject(faults.status(403, error="AccessDenied"), method="PUT", path="/trace-")
    assert region.request(PATH).status == 503
    assert region.listing() == []
    region.proxy.rules.clear()
    region.proxy.inject(faults.status(403, error="AccessDenied"), method="PUT", path=f"/{PATH}")
    assert region.request(PATH).status == 503
    assert [key.rpartition("/")[2][:6] for key in region.listing()] == ["trace-"]


def test_derivatives_of_one_upload_at_the_same_time(region: "Region") -> None:
    """S3 refuses conditional requests for one key that arrive at the same time, which moto does not."""

    def refuse_conditions(handler: Handler) -> None:
        is_conditional = "If-Match" in handler.headers or "If-None-Match" in handler.headers
        fault = faults.status(409, error="ConditionalRequestConflict") if is_conditional else pass_through
        fault(handler)

    region.upload(KEY, image("blue"))
    region.proxy.inject(refuse_conditions, method="PUT", path="/trace-")
    assert region.request(PATH).status == 200


@pytest.mark.parametrize(("method", "kind"), [("HEAD", "original"), ("PUT", "derivative")])
def test_an_original_that_is_replaced_meanwhile(region: "Region", method: str, kind: str) -> None:
    region.upload(KEY, image("lime"))
    meanwhile(region, lambda: region.upload(KEY, image("blue")), method, kind)
    assert region.request(PATH).status == 200
    check_derivative(region)
    assert len(region.listing()) == 3


def test_the_derivatives_of_a_backfill_share_a_trace(region: "Region", cat: bytes) -> None:
    region.upload("cat.jpg", cat)
    assert run(region, "cat.jpg", f"{CLEAN} {SMALL}") == ("Succeeded", "made")
    assert [name[:6] for name in puts(region)] == ["trace-", CLEAN[:6], SMALL[:6]]


def test_no_trace_is_a_derivative_of_a_request(region: "Region") -> None:
    region.upload(KEY, image("blue"))
    region.request(PATH)
    trace = next(key for key in region.listing() if "/trace-" in key)
    assert region.request(trace).status == 404
