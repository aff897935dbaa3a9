"""Lambda's limit for the result of a function: six megabytes, with the image in base64."""

import json
from io import BytesIO
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from function_url import MAX_RESULT_BYTES, Response
from object_lambda.handler import lambda_handler
from object_lambda.url_requests import to_lambda_response
from PIL import Image

from tests.functions.context import LambdaContext
from tests.functions.object_lambda.conftest import (
    AccessPointGet,
    FunctionUrlGet,
    FunctionUrlHead,
)

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function

MAX_BODY_BYTES = 4_718_000


@pytest.mark.parametrize("length", range(MAX_BODY_BYTES - 3000, MAX_BODY_BYTES + 3000, 100))
def test_no_result_exceeds_the_limit(length: int) -> None:
    response = Response(status=200, headers={"Content-Type": "image/jpeg", "ETag": '"a"'}, body=bytes(length))
    result = to_lambda_response(response)
    size = len(json.dumps(result))
    assert size <= MAX_RESULT_BYTES
    # A body that fits is returned.
    assert (result["statusCode"] == 200) == (size > MAX_RESULT_BYTES - 8_000)


def test_the_tested_lengths_are_on_both_sides_of_the_limit() -> None:
    responses = [
        Response(status=200, body=bytes(length)) for length in (MAX_BODY_BYTES - 3000, MAX_BODY_BYTES + 3000)
    ]
    assert [to_lambda_response(response)["statusCode"] for response in responses] == [200, 400]


@pytest.fixture(scope="module")
def large() -> bytes:
    """A JPEG of 5 MB."""
    noise = np.random.default_rng(1).integers(0, 256, (1800, 2000, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=97)
    assert len(file.getvalue()) > MAX_BODY_BYTES
    return file.getvalue()


def test_an_image_over_the_limit(function: "Function", large: bytes) -> None:
    function.upload("large.jpg", large)
    response = FunctionUrlGet(function).send("large.jpg")
    assert (response.status, response.code) == (400, "ImageTooLarge")
    assert "smaller width or another format" in response.message
    assert response.headers["cache-control"] == "max-age=60"
    head = FunctionUrlHead(function).send("large.jpg")
    assert (head.status, head.length) == (400, response.length)
    assert head.headers == response.headers
    # A smaller size, a range and an access point have no such limit.
    assert FunctionUrlGet(function).send("large.jpg", "size=S").status == 200
    assert (
        FunctionUrlGet(function).send("large.jpg", headers={"Range": "bytes=0-3999999"}).length == 4_000_000
    )
    assert AccessPointGet(function).send("large.jpg").length == pytest.approx(len(large), abs=100)


@pytest.mark.parametrize(
    ("key", "query", "resource"),
    [
        ("absent & <cat>.jpg", "", "/absent%20%26%20%3Ccat%3E.jpg"),
        ("absent.jpg", "format=auto-avif&width=640", "/absent.jpg?format=auto-avif&width=640"),
        ("absent.jpg", "width=<b>&fit=x", "/absent.jpg?width=<b>&fit=x"),
    ],
)
def test_an_error_document_names_the_canonical_url(
    function: "Function", key: str, query: str, resource: str
) -> None:
    document = ET.fromstring(FunctionUrlGet(function).send(key, query).body)  # noqa: S314 - ours
    assert document.findtext("Resource") == resource


@pytest.mark.parametrize("query", ["", "size=S", "size=XXL"])
def test_a_head_returns_what_a_get_returns(function: "Function", cat: bytes, query: str) -> None:
    """Lambda derives Content-Length from the body."""
    function.upload("cat.jpg", cat)
    get, head = FunctionUrlGet(function), FunctionUrlHead(function)
    results = [
        lambda_handler(entry_point.event("cat.jpg", query, {}), LambdaContext(30))
        for entry_point in (get, head)
    ]
    assert results[0] == results[1]
    assert results[0]["body"]
