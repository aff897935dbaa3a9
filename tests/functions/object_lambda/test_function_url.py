"""The limit of Lambda: an answer of six megabytes, the picture in base64 included."""

import json
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from object_lambda.answer import Answer
from object_lambda.function_url import MAX_RESULT_BYTES, result_of
from object_lambda.handler import lambda_handler
from PIL import Image

from tests.functions.object_lambda.conftest import Get, LambdaContext, Url, UrlHead

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function

LARGEST = 4_718_000


@pytest.mark.parametrize("length", range(LARGEST - 3000, LARGEST + 3000, 100))
def test_nothing_that_is_returned_is_over_the_limit(length: int) -> None:
    answer = Answer(status=200, headers={"Content-Type": "image/jpeg", "ETag": '"a"'}, body=bytes(length))
    result = result_of(answer)
    size = len(json.dumps(result))
    assert size <= MAX_RESULT_BYTES
    # And nothing is refused that would fit.
    assert (result["statusCode"] == 200) == (size > MAX_RESULT_BYTES - 8_000)


def test_both_sides_of_the_limit_were_seen() -> None:
    answers = [Answer(status=200, body=bytes(length)) for length in (LARGEST - 3000, LARGEST + 3000)]
    assert [result_of(answer)["statusCode"] for answer in answers] == [200, 400]


@pytest.fixture(scope="module")
def large() -> bytes:
    """A JPEG of five megabytes."""
    noise = np.random.default_rng(1).integers(0, 256, (1800, 2000, 3), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=97)
    assert len(file.getvalue()) > LARGEST
    return file.getvalue()


def test_a_picture_that_is_too_large(function: "Function", large: bytes) -> None:
    function.upload("large.jpg", large)
    got = Url(function).ask("large.jpg")
    assert (got.status, got.code) == (400, "ImageTooLarge")
    assert "size or to_webp" in got.sentence
    assert got.headers["cache-control"] == "max-age=60"
    head = UrlHead(function).ask("large.jpg")
    assert (head.status, head.length) == (400, got.length)
    assert head.headers == got.headers
    # Neither its size nor a range nor the other way in is refused.
    assert Url(function).ask("large.jpg", "size=S").status == 200
    assert Url(function).ask("large.jpg", headers={"Range": "bytes=0-3999999"}).length == 4_000_000
    assert Get(function).ask("large.jpg").length == pytest.approx(len(large), abs=100)


@pytest.mark.parametrize("query", ["", "size=S", "size=XXL"])
def test_a_head_returns_what_a_get_returns(function: "Function", cat: bytes, query: str) -> None:
    """Lambda takes the length from the body, whatever Content-Length the function sends."""
    function.upload("cat.jpg", cat)
    get, head = Url(function), UrlHead(function)
    results = [lambda_handler(way.event("cat.jpg", query, {}), LambdaContext(30)) for way in (get, head)]
    assert results[0] == results[1]
    assert results[0]["body"]
