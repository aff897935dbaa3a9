"""Derivatives that the function creates, stores and returns."""

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image_core import OUTPUT_VERSION
from PIL import Image
from regional_resize.errors import EventError
from regional_resize.handler import lambda_handler

from tests.functions.context import LambdaContext
from tests.functions.regional_resize.conftest import path_of
from tests.vectors import DERIVATIVE_PATHS

if TYPE_CHECKING:
    from tests.functions.regional_resize.conftest import Region

IMAGES = Path(__file__).parents[2] / "images"
MISS = ["GET original", "HEAD derivative", "HEAD original", "HEAD original", "PUT derivative"]
# moto takes no control characters in keys. The longest ones leave no room for this name.
ODD_KEYS = sorted(
    {row.key for row in DERIVATIVE_PATHS if row.path and len(row.key) < 100 and row.key.isprintable()}
)


def test_a_first_request(region: "Region", cat: bytes) -> None:
    etag = region.upload("cat.jpg", cat)
    path = path_of("cat.jpg", "format=webp&width=256")
    response = region.request(path)
    stored = region.stored(path)
    assert response.status == 200
    assert response.headers == {
        "cache-control": "public, max-age=86400",
        "content-type": "image/webp",
        "etag": stored["ETag"],
    }
    assert response.body == stored["Data"]
    with Image.open(BytesIO(response.body)) as image:
        assert (image.format, image.size) == ("WEBP", (256, 171))
    assert (stored["ContentType"], stored["CacheControl"]) == ("image/webp", "public, max-age=86400")
    assert stored["Metadata"] == {"source-etag": etag}
    put = next(each for each in region.proxy.requests if each.method == "PUT")
    assert put.headers["if-none-match"] == "*"
    assert put.headers["x-amz-checksum-crc32"]
    assert region.calls() == MISS
    [line] = region.log()
    assert (line["outcome"], line["level"], line["status"]) == ("made", "INFO", 200)
    assert (line["key"], line["derivative"]) == ("cat.jpg", path.removeprefix("cat.jpg/"))
    assert (line["original_bytes"], line["derivative_bytes"]) == (len(cat), len(response.body))
    assert set(line["spent_ms"]) == {"fetch", "transform", "store", "lookup"}
    assert line["request_id"] == "e1506fd5-9e7b-434f-bd42-4f8fa224b599"


def test_a_derivative_that_another_invocation_stored(region: "Region", cat: bytes) -> None:
    region.upload("cat.jpg", cat)
    path = path_of("cat.jpg")
    first = region.request(path)
    region.calls()
    region.log()
    assert region.request(path) == first
    assert region.calls() == ["GET derivative", "GET original", "HEAD derivative"]
    [line] = region.log()
    assert (line["outcome"], line["level"]) == ("found", "INFO")
    assert "original_bytes" not in line


def test_a_head_makes_and_stores_too(region: "Region", cat: bytes) -> None:
    """Lambda derives Content-Length from the body, and does not send that."""
    region.upload("cat.jpg", cat)
    path = path_of("cat.jpg")
    first = region.request(path, method="HEAD")
    assert (first.status, first.body) == (200, region.stored(path)["Data"])


def test_the_original_without_its_metadata(region: "Region") -> None:
    data = (IMAGES / "orientation/1.jpg").read_bytes()
    region.upload("a.jpg", data)
    response = region.request(path_of("a.jpg", ""))
    assert response.headers["content-type"] == "image/jpeg"
    assert b"Exif" in data
    assert b"Exif" not in response.body
    with Image.open(BytesIO(response.body)) as image, Image.open(BytesIO(data)) as original:
        assert image.tobytes() == original.tobytes()


def test_facts(region: "Region", cat: bytes) -> None:
    region.upload("cat.jpg", cat)
    response = region.request(path_of("cat.jpg", "format=json"))
    assert response.headers["content-type"] == "application/json"
    facts = json.loads(response.body)
    assert (facts["width"], facts["height"], facts["format"]) == (640, 427, "jpeg")


@pytest.mark.parametrize(
    ("query", "formats"),
    [
        ("format=auto&width=64", {"image/jpeg", "image/png"}),
        ("format=auto-webp&width=64", {"image/webp"}),
        ("format=auto-avif&width=64", {"image/avif", "image/webp"}),
    ],
)
def test_the_format_by_content(region: "Region", cat: bytes, query: str, formats: set[str]) -> None:
    region.upload("cat.jpg", cat)
    path = path_of("cat.jpg", query)
    response = region.request(path)
    assert response.headers["content-type"] in formats
    assert region.stored(path)["ContentType"] == response.headers["content-type"]


def test_headers_of_the_original(region: "Region", cat: bytes) -> None:
    region.upload(
        "cat.jpg",
        cat,
        CacheControl="public, max-age=31536000, immutable",
        ContentDisposition='inline; filename="cat.jpg"',
        ContentLanguage="de",
        Expires=datetime(2030, 1, 1, tzinfo=UTC),
        Metadata={"owner": "secret"},
    )
    for query, disposition in (("width=64", 'inline; filename="cat.jpg"'), ("format=webp&width=64", None)):
        path = path_of("cat.jpg", query)
        response = region.request(path)
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert response.headers["content-language"] == "de"
        assert response.headers["expires"] == "Tue, 01 Jan 2030 00:00:00 GMT"
        assert response.headers.get("content-disposition") == disposition
        stored = region.stored(path)
        assert (stored["ContentLanguage"], stored.get("ContentDisposition")) == ("de", disposition)
        assert set(stored["Metadata"]) == {"source-etag"}
        assert not any("amz" in name for name in response.headers)


def test_the_cache_control_of_the_deployment(
    region: "Region", cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE_CACHE_CONTROL", "public, max-age=60")
    region.upload("cat.jpg", cat)
    region.upload("dated.jpg", cat, Expires=datetime(2030, 1, 1, tzinfo=UTC))
    assert region.request(path_of("cat.jpg")).headers["cache-control"] == "public, max-age=60"
    assert region.request(path_of("dated.jpg")).headers["cache-control"] == "public"


def test_the_version_of_the_original(region: "Region", cat: bytes) -> None:
    region.s3.put_bucket_versioning(Bucket=region.originals, VersioningConfiguration={"Status": "Enabled"})
    etag = region.upload("cat.jpg", cat)
    version = region.s3.head_object(Bucket=region.originals, Key="cat.jpg")["VersionId"]
    path = path_of("cat.jpg")
    region.request(path)
    assert region.stored(path)["Metadata"] == {"source-etag": etag, "source-version": version}


def test_the_focal_point(region: "Region") -> None:
    """A derivative that depends on the focal point is replaced after the point changed."""
    halves = Image.new("RGB", (200, 100), "red")
    halves.paste("blue", (100, 0, 200, 100))
    file = BytesIO()
    halves.save(file, "PNG")
    path = path_of("a.png", "fit=cover&height=50&width=50")
    for point, colour in (("0,0.5", (255, 0, 0)), ("1,0.5", (0, 0, 255))):
        region.upload("a.png", file.getvalue(), Metadata={"focal-point": point})
        for _ in range(2):
            with Image.open(BytesIO(region.request(path).body)) as image:
                assert image.convert("RGB").getpixel((25, 25)) == colour
    assert region.stored(path)["Metadata"]["source-focal-point"] == "100x50"


@pytest.mark.parametrize("key", ODD_KEYS, ids=ascii)
def test_odd_keys(region: "Region", cat: bytes, key: str) -> None:
    """The paths of the common table reach the function, and S3, in the same characters."""
    image_key = key if key.lower().endswith((".jpg", ".png")) else f"{key}.jpg"
    region.upload(image_key, cat)
    path = path_of(image_key, "format=json")
    assert region.request(path).status == 200
    assert region.listing() == [path]
    assert [line["key"] for line in region.log()] == [image_key]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "cat.jpg",
        "cat.jpg/",
        f"cat.jpg/v{OUTPUT_VERSION - 1}_clean",
        f"cat.jpg/v{OUTPUT_VERSION + 1}_clean",
        f"cat.jpg/v{OUTPUT_VERSION}_exif.json",
        f"cat.jpg/v{OUTPUT_VERSION}_w0640",
        f"cat.jpg/v{OUTPUT_VERSION}_w640",
        f"/cat.jpg/v{OUTPUT_VERSION}_clean",
        f"c%61t.jpg/v{OUTPUT_VERSION}_clean",
        f"cat.txt/v{OUTPUT_VERSION}_clean",
        f"cat/v{OUTPUT_VERSION}_clean",
        f"a/../cat.jpg/v{OUTPUT_VERSION}_clean",
        f"./cat.jpg/v{OUTPUT_VERSION}_clean",
    ],
)
def test_paths_without_a_derivative(region: "Region", path: str) -> None:
    response = region.request(path)
    assert (response.status, response.code) == (404, "NoSuchKey")
    assert response.headers["cache-control"] == "public, max-age=60"
    assert region.calls() == []
    assert [(line["outcome"], line["code"]) for line in region.log()] == [("refused", "NoSuchKey")]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods(region: "Region", method: str) -> None:
    response = region.request(path_of("cat.jpg"), method=method)
    assert (response.status, response.code) == (405, "MethodNotAllowed")
    assert response.headers["allow"] == "GET, HEAD"
    assert region.calls() == []


@pytest.mark.parametrize("event", [{}, None, {"source": "aws.events"}, {"Records": []}])
def test_other_events(event: Any) -> None:
    with pytest.raises(EventError, match="not from a function URL"):
        lambda_handler(event, LambdaContext())
