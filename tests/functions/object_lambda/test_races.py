"""Originals that change while a response is made, in a deployment that purges their copies."""

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.functions.object_lambda.conftest import FunctionUrlGet
from tests.libs.s3_http.fault_proxy import Handler, pass_through

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import EntryPoint, Function

KEY = "cat.png"
CROP = "fit=cover&height=20&width=20"


@pytest.fixture
def function(function: "Function", monkeypatch: pytest.MonkeyPatch) -> "Function":
    monkeypatch.setenv("PURGE_ON_CHANGE", "true")
    return function


def image(width: int, height: int = 40) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), "blue").save(buffer, "PNG")
    return buffer.getvalue()


def before_each_check(function: "Function", happening: Callable[[], object]) -> None:
    """Call a function right before each request that checks the original reaches S3."""

    def fault(handler: Handler) -> None:
        if "if-none-match" in handler.headers:
            happening()
        pass_through(handler)

    function.proxy.inject(fault, path=f"/{function.bucket}/{KEY}")


def test_an_original_that_is_replaced(function: "Function", entry_point: "EntryPoint") -> None:
    function.upload(KEY, image(60))
    changes = iter([image(61)])

    def replace() -> None:
        if changed := next(changes, None):
            function.upload(KEY, changed)

    before_each_check(function, replace)
    response = entry_point.send(KEY, "width=50")
    etag = function.s3.head_object(Bucket=function.bucket, Key=KEY)["ETag"].strip('"')
    assert (response.status, next(changes, None)) == (200, None)
    assert response.headers["etag"].startswith(f'"{etag}-')


def test_an_original_that_is_deleted(function: "Function", entry_point: "EntryPoint") -> None:
    function.upload(KEY, image(60))
    before_each_check(function, lambda: function.s3.delete_object(Bucket=function.bucket, Key=KEY))
    assert entry_point.send(KEY).status == 404


def test_an_original_that_is_replaced_all_the_time(function: "Function", entry_point: "EntryPoint") -> None:
    widths = iter(range(61, 100))
    function.upload(KEY, image(60))
    before_each_check(function, lambda: function.upload(KEY, image(next(widths))))
    response = entry_point.send(KEY)
    assert (response.status, response.headers["cache-control"]) == (503, "no-store")
    assert "replaced 3 times" in function.log()[0]["reason"]
    assert next(widths) == 64


def test_a_focal_point_that_changes(function: "Function") -> None:
    """The ETag of the original stays the same, but that of the response depends on the point."""
    url = FunctionUrlGet(function)
    function.upload(KEY, image(60), Metadata={"focal-point": "1,1"})
    expected = url.send(KEY, CROP).headers["etag"]
    function.upload(KEY, image(60), Metadata={"focal-point": "0,0"})
    assert url.send(KEY, CROP).headers["etag"] != expected

    def replace(handler: Handler) -> None:
        function.upload(KEY, image(60), Metadata={"focal-point": "1,1"})
        pass_through(handler)

    function.proxy.inject(pass_through, method="GET", times=1)
    function.proxy.inject(replace, method="GET", times=1)
    assert url.send(KEY, CROP).headers["etag"] == expected


@pytest.mark.parametrize(("setting", "reads"), [("false", 1), ("true", 2)])
def test_a_response_costs_one_more_read(
    function: "Function", monkeypatch: pytest.MonkeyPatch, setting: str, reads: int
) -> None:
    monkeypatch.setenv("PURGE_ON_CHANGE", setting)
    function.upload(KEY, image(60))
    response = FunctionUrlGet(function).send(KEY)
    assert response.status == 200
    assert function.requested_methods() == ["GET"] * reads
    unchanged = FunctionUrlGet(function).send(KEY, headers={"If-None-Match": response.headers["etag"]})
    assert unchanged.status == 304
    assert function.requested_methods() == ["GET"] * (reads + 1)
