"""Parallel invocations, and originals that change while a derivative is made."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from s3_http import RetryPolicy, bucket_address, shared_connections

from tests.functions.regional_resize.conftest import ViewerResponse, path_of
from tests.libs.s3_http.fault_proxy import Handler, pass_through, status
from tests.libs.s3_http.servers import REGION

if TYPE_CHECKING:
    from tests.functions.regional_resize.conftest import Region

KEY = "cat.png"
PATH = path_of(KEY)
MOMENTS = [
    ("GET", "original"),
    ("HEAD", "derivative"),
    ("HEAD", "original"),
    ("PUT", "derivative"),
    ("second HEAD", "original"),
]
REPLACED = ("Derivative Replaced", KEY)
UNCERTAIN = ("Derivative Uncertain", KEY)
BLUE = (0, 0, 255)


def image(colour: str, size: tuple[int, int] = (60, 40)) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def colour_of(data: bytes) -> object:
    with Image.open(BytesIO(data)) as opened:
        return opened.convert("RGB").getpixel((30, 20))


def meanwhile(region: "Region", happening: Callable[[], object], method: str, kind: str) -> None:
    """Call a function right before the first, or the second, request of this kind reaches S3."""
    bucket, key = (region.originals, KEY) if kind == "original" else (region.derivatives, PATH)
    number, _, method = method.rpartition(" ")

    def fault(handler: Handler) -> None:
        happening()
        pass_through(handler)

    if number:
        region.proxy.inject(pass_through, method=method, path=f"/{bucket}/{key}", times=1)
    region.proxy.inject(fault, method=method, path=f"/{bucket}/{key}", times=1)


def check_derivative(region: "Region") -> None:
    """Check that the stored derivative is that of the current original."""
    etag = region.s3.head_object(Bucket=region.originals, Key=KEY)["ETag"].strip('"')
    stored = region.stored(PATH)
    assert stored["Metadata"]["source-etag"] == etag
    assert colour_of(stored["Data"]) == BLUE


@pytest.mark.parametrize("before", [(), ("red",), ("blue",)], ids=["first", "next", "taken back"])
@pytest.mark.parametrize(("method", "kind"), MOMENTS)
def test_a_newer_invocation_at_any_moment(
    region: "Region", before: Sequence[str], method: str, kind: str
) -> None:
    """The original is replaced and its derivative stored before a request of an older invocation."""
    for colour in before:
        region.upload(KEY, image(colour))
        region.request(PATH)
    region.upload(KEY, image("lime"))

    def newer() -> None:
        region.upload(KEY, image("blue"))
        assert colour_of(region.request(PATH).body) == BLUE

    meanwhile(region, newer, method, kind)
    response = region.request(PATH)
    assert (response.status, colour_of(response.body)) == (200, BLUE)
    check_derivative(region)


@pytest.mark.parametrize("before", [(), ("red",)], ids=["first", "next"])
@pytest.mark.parametrize(("method", "kind"), MOMENTS)
def test_an_original_that_is_replaced_at_any_moment(
    region: "Region", before: Sequence[str], method: str, kind: str
) -> None:
    for colour in before:
        region.upload(KEY, image(colour))
        region.request(PATH)
    region.upload(KEY, image("lime"))
    region.messages()
    meanwhile(region, lambda: region.upload(KEY, image("blue", size=(61, 40))), method, kind)
    response = region.request(PATH)
    assert (response.status, colour_of(response.body)) == (200, BLUE)
    check_derivative(region)
    # CloudFront may have a copy only of a derivative that was stored too late, or that was replaced. Each
    # round announces the latter before the HEAD. GET of the original and HEAD of the derivative are parallel.
    stored_late = (method, kind) in {("PUT", "derivative"), ("second HEAD", "original")}
    rounds = {("HEAD", "original"): {2}, ("HEAD", "derivative"): {1, 2}}.get((method, kind), {1})
    messages = region.messages()
    assert set(messages) <= {REPLACED}
    assert len(messages) - stored_late in (rounds if before else {0})


@pytest.mark.parametrize(("method", "kind"), MOMENTS)
def test_an_original_that_is_deleted_at_any_moment(region: "Region", method: str, kind: str) -> None:
    """No derivative outlives the deletion that this invocation can see."""
    region.upload(KEY, image("lime"))
    meanwhile(region, lambda: region.s3.delete_object(Bucket=region.originals, Key=KEY), method, kind)
    response = region.request(PATH)
    assert (response.status, response.code) == (404, "NoSuchKey")
    assert region.listing() == []
    assert region.calls().count("PUT derivative") == (method in {"PUT", "second HEAD"})


def test_the_derivative_of_another_invocation_is_not_deleted(region: "Region") -> None:
    region.upload(KEY, image("lime"))
    meanwhile(region, lambda: region.upload(KEY, image("blue")), "second HEAD", "original")
    meanwhile(
        region,
        lambda: region.s3.put_object(Bucket=region.derivatives, Key=PATH, Body=b"newer"),
        "DELETE",
        "derivative",
    )
    assert colour_of(region.request(PATH).body) == BLUE
    deletes = [each for each in region.proxy.requests if each.method == "DELETE"]
    assert len(deletes) == 1
    assert "if-match" in deletes[0].headers
    check_derivative(region)


def test_an_outdated_derivative_is_replaced_on_condition(region: "Region") -> None:
    region.upload(KEY, image("lime"))
    region.request(PATH)
    outdated = region.stored(PATH)["ETag"]
    region.upload(KEY, image("blue"))
    region.proxy.requests.clear()
    assert colour_of(region.request(PATH).body) == BLUE
    put = next(each for each in region.proxy.requests if each.method == "PUT")
    assert put.headers["if-match"] == outdated
    check_derivative(region)


def test_no_request_lies_between_the_last_look_at_the_original_and_the_put(region: "Region") -> None:
    """And purge gets its message late enough not to delete the derivative that the PUT replaces."""
    region.upload(KEY, image("lime"))
    region.request(PATH)
    region.upload(KEY, image("blue"))
    region.proxy.requests.clear()
    assert region.request(PATH).status == 200
    methods = [each.method for each in region.proxy.requests]
    assert methods[2:] == ["POST", "HEAD", "PUT", "HEAD"]
    [message] = [each for each in region.proxy.requests if each.method == "POST"]
    assert json.loads(message.body)["DelaySeconds"] == 1


def test_another_lifetime_is_no_other_image(region: "Region", monkeypatch: pytest.MonkeyPatch) -> None:
    """A backfill after a change of the default TTL replaces every derivative and invalidates none."""
    region.upload(KEY, image("blue"))
    region.request(PATH)
    monkeypatch.setenv("IMAGE_CACHE_CONTROL", "public, max-age=60")
    assert region.request(PATH).status == 200
    assert region.stored(PATH)["CacheControl"] == "public, max-age=60"
    assert region.messages() == []


def test_another_focal_point_is_another_image(region: "Region") -> None:
    """The bytes are the same, and so is the ETag."""
    path = path_of(KEY, "fit=cover&height=20&width=20")
    region.upload(KEY, image("blue"), Metadata={"focal-point": "0.1,0.5"})
    region.request(path)
    time.sleep(1.1)  # S3 gives times in seconds
    region.upload(KEY, image("blue"), Metadata={"focal-point": "0.9,0.5"})
    assert region.request(path).status == 200
    assert region.messages() == [REPLACED]


def test_an_older_derivative_is_replaced_without_a_second_transform(region: "Region") -> None:
    """The newer invocation is the slower one: the older one stores its derivative first."""
    region.upload(KEY, image("blue"))
    older = {"Body": image("lime"), "Metadata": {"source-etag": "older"}}
    meanwhile(
        region,
        lambda: region.s3.put_object(Bucket=region.derivatives, Key=PATH, **older),  # type: ignore[arg-type]
        "PUT",
        "derivative",
    )
    assert colour_of(region.request(PATH).body) == BLUE
    check_derivative(region)
    assert region.calls().count("PUT derivative") == 2


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_a_derivative_that_is_deleted_while_it_is_replaced_or_read(region: "Region", method: str) -> None:
    region.upload(KEY, image("lime"))
    region.request(PATH)
    colour = {"PUT": "blue", "GET": "lime"}[method]
    region.upload(KEY, image(colour))
    meanwhile(
        region, lambda: region.s3.delete_object(Bucket=region.derivatives, Key=PATH), method, "derivative"
    )
    response = region.request(PATH)
    assert (response.status, response.body) == (200, region.stored(PATH)["Data"])


def test_a_response_that_is_lost_after_the_write(region: "Region") -> None:
    region.upload(KEY, image("blue"))

    def lost(handler: Handler) -> None:
        handler.forward()
        handler.hang_up()

    region.proxy.inject(lost, method="PUT", times=1)
    assert colour_of(region.request(PATH).body) == BLUE
    check_derivative(region)


def test_a_conflicting_write_is_retried(region: "Region") -> None:
    region.upload(KEY, image("blue"))
    region.proxy.inject(status(409, error="ConditionalRequestConflict"), method="PUT", times=2)
    assert colour_of(region.request(PATH).body) == BLUE
    assert region.calls().count("PUT derivative") == 3


def test_an_original_that_cannot_be_read_after_the_write(region: "Region") -> None:
    """It may have been replaced, so purge compares the derivative with it."""
    region.upload(KEY, image("blue"))
    region.proxy.inject(pass_through, method="HEAD", path=f"/{region.originals}/", times=1)
    region.proxy.inject(status(500), method="HEAD", path=f"/{region.originals}/")
    response = region.request(PATH)
    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert region.messages() == [UNCERTAIN]
    assert region.listing() == [PATH]


def test_an_original_that_cannot_be_read_after_the_write_without_purge(
    region: "Region", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would delete the derivative."""
    monkeypatch.delenv("PURGE_QUEUE_URL")
    region.upload(KEY, image("blue"))
    region.proxy.inject(pass_through, method="HEAD", path=f"/{region.originals}/", times=1)
    region.proxy.inject(status(500), method="HEAD", path=f"/{region.originals}/")
    assert region.request(PATH).status == 503
    assert region.listing() == []


def test_an_original_that_is_replaced_all_the_time(region: "Region") -> None:
    sizes = iter(range(61, 100))
    region.upload(KEY, image("blue"))

    def replace(handler: Handler) -> None:
        region.upload(KEY, image("blue", size=(next(sizes), 40)))
        pass_through(handler)

    region.proxy.inject(replace, method="HEAD", path=f"/{region.originals}/")
    response = region.request(PATH)
    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert region.listing() == []
    assert region.calls().count("PUT derivative") == 0
    assert "replaced 4 times" in region.log()[0]["reason"]


def test_a_write_without_a_response(region: "Region") -> None:
    """S3 may store the derivative nevertheless, so purge looks for it."""
    region.upload(KEY, image("blue"))
    region.proxy.inject(status(503), method="PUT")
    response = region.request(PATH)
    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert region.messages() == [UNCERTAIN]


def test_a_purge_that_cannot_be_requested(region: "Region") -> None:
    """The derivative stays, so that the purge of the original finds it and invalidates its copies."""
    region.upload(KEY, image("lime"))
    meanwhile(region, lambda: region.upload(KEY, image("blue")), "PUT", "derivative")
    region.proxy.inject(status(403), method="POST")
    response = region.request(PATH)
    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert region.listing() == [PATH]


def test_a_deployment_without_purge(region: "Region", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PURGE_QUEUE_URL")
    region.upload(KEY, image("lime"))
    meanwhile(region, lambda: region.upload(KEY, image("blue")), "PUT", "derivative")
    assert colour_of(region.request(PATH).body) == BLUE
    assert region.messages() == []


def test_many_requests_for_one_cold_derivative(
    region: "Region", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The invocations run in one process here, and each on its own in Lambda."""
    # A hundred requests to moto wait for each other, longer than for S3.
    monkeypatch.setattr("regional_resize.derive._MAX_STORE_SECONDS", 60)
    for name in (region.originals, region.derivatives):
        address = bucket_address(name, region=REGION, endpoint_url=region.proxy.url)
        monkeypatch.setattr(shared_connections(address, None), "retry_policy", RetryPolicy(60, 60))
    region.upload("cat.jpg", cat)
    path = path_of("cat.jpg", "width=64")
    # Opens the connection pools, which each sandbox of Lambda opens once.
    region.request(path_of("cat.jpg", "width=16"))
    region.s3.delete_object(Bucket=region.derivatives, Key=path_of("cat.jpg", "width=16"))
    region.log()

    def request(_: int) -> ViewerResponse:
        return region.request(path, limit_seconds=60)

    with ThreadPoolExecutor(50) as executor:
        responses = list(executor.map(request, range(50)))
    stored = region.stored(path)
    assert {response.status for response in responses} == {200}
    assert {response.body for response in responses} == {stored["Data"]}
    assert {response.headers["etag"] for response in responses} == {stored["ETag"]}
    outcomes = [line["outcome"] for line in region.log()]
    assert sorted(set(outcomes)) == ["found", "made"]
    assert outcomes.count("made") == 1
    assert "DELETE derivative" not in region.calls()
