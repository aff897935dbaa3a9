"""Options of image URLs through every entry point: pixels, types, entity tags, caching and the log."""

import base64
import json
import re
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from image_core import OUTPUT_VERSION
from PIL import Image, ImageChops, ImageStat

from tests.functions.object_lambda.conftest import AccessPointGet, FunctionUrlGet, FunctionUrlHead

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import EntryPoint, Function

IMAGES = Path(__file__).parents[2] / "images"

type Size = tuple[int, int]

SIZES = """{
    "S": [100, 50],
    "hero": {"width": 200, "height": 80, "fit": "cover", "format": "webp", "quality": 40},
    "wide": {"width": 60}
}"""

# The original is a JPEG of 640 x 427 pixels.
OPTIONS: list[tuple[str, str, Size]] = [
    ("width=320", "image/jpeg", (320, 214)),
    ("height=100", "image/jpeg", (150, 100)),
    ("width=3840", "image/jpeg", (640, 427)),
    ("height=16383", "image/jpeg", (640, 427)),
    ("width=1", "image/jpeg", (1, 1)),
    ("height=100&width=100", "image/jpeg", (100, 67)),
    ("fit=cover&height=100&width=100", "image/jpeg", (100, 100)),
    ("fit=contain&height=100&width=100", "image/jpeg", (100, 100)),
    ("fit=fill&height=100&width=50", "image/jpeg", (50, 100)),
    ("fit=cover&height=500&width=1000", "image/jpeg", (640, 320)),
    ("fit=cover&gravity=0.1,0.9&height=50&width=50", "image/jpeg", (50, 50)),
    ("format=avif&width=64", "image/avif", (64, 43)),
    ("format=webp&width=64", "image/webp", (64, 43)),
    ("format=jpeg&width=64", "image/jpeg", (64, 43)),
    ("format=png&width=64", "image/png", (64, 43)),
    ("format=gif&width=64", "image/gif", (64, 43)),
    ("quality=40&width=320", "image/jpeg", (320, 214)),
    ("size=S", "image/jpeg", (75, 50)),
    ("size=hero", "image/webp", (200, 80)),
    ("format=png&size=hero", "image/png", (200, 80)),
    ("quality=90&size=hero", "image/webp", (200, 80)),
    ("size=wide", "image/jpeg", (60, 40)),
]

ANYWHERE = {"jpeg", "png", "gif"}
AUTOMATIC = {"auto": ANYWHERE, "auto-webp": ANYWHERE | {"webp"}, "auto-avif": ANYWHERE | {"webp", "avif"}}

INVALID = {
    "width=0": "The parameter width must be a whole number from 1 to 16383.",
    "width=16384": "The parameter width must be a whole number from 1 to 16383.",
    "width=wide": "The parameter width must be a whole number from 1 to 16383.",
    "height=-1": "The parameter height must be a whole number from 1 to 16383.",
    "quality=101": "The parameter quality must be a whole number from 1 to 100.",
    "fit=crop": "The parameter fit must be one of: inside, cover, contain, fill.",
    "fit=cover": "The parameter fit cover needs width and height.",
    "fit=cover&gravity=2,2&height=1&width=1": "The parameter gravity must be x,y with numbers from 0 to 1.",
    "width=1&width=2": "The parameter width has two different values.",
    "size=S&width=1": "The parameters size and width cannot be combined.",
    "format=webp2": (
        "The parameter format must be one of: auto, avif, webp, jpeg, png, gif, json, auto-avif, auto-webp."
    ),
}


def open_image(body: bytes) -> Image.Image:
    image = Image.open(BytesIO(body))
    image.load()
    return image


def draw_quarters() -> bytes:
    """Return a PNG of 200 x 200 pixels: red and green above, blue and white below."""
    image = Image.new("RGB", (200, 200), "white")
    for colour, corner in (("red", (0, 0)), ("lime", (100, 0)), ("blue", (0, 100))):
        image.paste(colour, (*corner, corner[0] + 100, corner[1] + 100))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


QUARTERS = draw_quarters()
RED, LIME, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture
def named_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_SIZES", SIZES)


@pytest.mark.parametrize(("query", "content_type", "size"), OPTIONS)
@pytest.mark.usefixtures("function", "named_sizes")
def test_options(function: "Function", cat: bytes, query: str, content_type: str, size: Size) -> None:
    function.upload("cat.jpg", cat)
    response = AccessPointGet(function).send("cat.jpg", query)
    assert (response.status, response.headers["content-type"]) == (200, content_type)
    image = open_image(response.body)
    assert image.size == size
    if "fit" not in query and "hero" not in query:
        expected = open_image(cat).resize(size, Image.Resampling.LANCZOS)
        difference = ImageChops.difference(expected.convert("RGB"), image.convert("RGB"))
        assert max(ImageStat.Stat(difference).mean) < 9
    # The function URL gives the same bytes and headers, and a HEAD the same length.
    by_url = FunctionUrlGet(function).send("cat.jpg", query)
    assert (by_url.body, by_url.headers) == (response.body, response.headers)
    head = FunctionUrlHead(function).send("cat.jpg", query)
    assert (head.length, head.headers) == (response.length, response.headers)


@pytest.mark.parametrize("choice", AUTOMATIC)
@pytest.mark.parametrize("name", ["cat.jpg", "logo-palette.png", "cat.gif", "logo-animated.gif"])
def test_automatic_formats(function: "Function", choice: str, name: str) -> None:
    function.upload(name, (IMAGES / name).read_bytes())
    response = FunctionUrlGet(function).send(name, f"format={choice}&width=256")
    chosen = response.headers["content-type"].removeprefix("image/")
    assert chosen in AUTOMATIC[choice]
    assert open_image(response.body).format == chosen.upper()
    explicit = FunctionUrlGet(function).send(name, "width=256")
    assert response.length <= explicit.length


def test_facts_about_an_image(entry_point: "EntryPoint", cat: bytes) -> None:
    entry_point.function.upload("cat.jpg", cat, ContentDisposition="inline")
    response = entry_point.send("cat.jpg", "format=json")
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    assert "content-disposition" not in response.headers
    body = AccessPointGet(entry_point.function).send("cat.jpg", "format=json").body
    assert response.length == len(body)
    facts = json.loads(body)
    colour, thumbhash = facts.pop("average_color"), facts.pop("thumbhash")
    assert facts == {
        "width": 640,
        "height": 427,
        "format": "jpeg",
        "content_type": "image/jpeg",
        "bytes": len(cat),
        "frames": 1,
        "orientation": 1,
        "has_alpha": False,
    }
    mean = ImageStat.Stat(open_image(cat)).mean
    assert list(bytes.fromhex(colour.removeprefix("#"))) == pytest.approx(mean, abs=4)
    assert 20 < len(base64.b64decode(thumbhash, validate=True)) < 26


@pytest.mark.usefixtures("function", "named_sizes")
def test_each_set_of_options_has_its_own_etag(function: "Function", cat: bytes) -> None:
    """Otherwise a browser or CloudFront would take one format for another after a 304."""
    function.upload("cat.jpg", cat)
    queries = [
        "",
        "showExif=true",
        "format=json",
        *(f"format={choice}&width=64" for choice in AUTOMATIC),
        *(query for query, _, _ in OPTIONS),
    ]
    tags = {query: FunctionUrlGet(function).send("cat.jpg", query).headers["etag"] for query in queries}
    assert len(set(tags.values())) == len(queries)
    same = FunctionUrlGet(function).send("cat.jpg", "format=webp&height=80&width=200&fit=cover&quality=40")
    assert same.headers["etag"] == tags["size=hero"]


@pytest.mark.parametrize("query", INVALID)
def test_invalid_options(entry_point: "EntryPoint", query: str) -> None:
    response = entry_point.send("cat.jpg", query)
    assert (response.status, response.headers["cache-control"]) == (400, "max-age=60")
    assert entry_point.function.requested_methods() == []
    if not isinstance(entry_point, FunctionUrlHead):
        assert (response.code, response.message.partition(": S,")[0]) == ("InvalidArgument", INVALID[query])


@pytest.mark.parametrize(
    ("metadata", "query", "colour"),
    [
        ("0.1,0.1", "", RED),
        ("0.9,0.1", "", LIME),
        ("0,1", "", BLUE),
        ("southeast", "", WHITE),
        ("0.9,0.1", "&gravity=0,1", BLUE),
    ],
)
def test_the_focal_point_is_kept(
    entry_point: "EntryPoint", metadata: str, query: str, colour: tuple[int, int, int]
) -> None:
    entry_point.function.upload("quarters.png", QUARTERS, Metadata={"focal-point": metadata})
    options = f"fit=cover&height=20&width=200{query}"
    response = entry_point.send("quarters.png", options)
    # The focal point costs no request of its own.
    assert len(entry_point.function.requested_methods()) <= 2
    body = AccessPointGet(entry_point.function).send("quarters.png", options).body
    image = open_image(body).convert("RGB")
    left, right = image.getpixel((20, 10)), image.getpixel((180, 10))
    assert colour in (left, right)
    assert response.length == len(body)


@pytest.mark.parametrize("metadata", ["2,2", "left", "", "0.5,0.5"])
def test_without_a_valid_focal_point_the_centre_is_kept(function: "Function", metadata: str) -> None:
    function.upload("quarters.png", QUARTERS, Metadata={"focal-point": metadata} if metadata else {})
    body = AccessPointGet(function).send("quarters.png", "fit=cover&height=100&width=200").body
    image = open_image(body).convert("RGB")
    assert [image.getpixel((20, 10)), image.getpixel((180, 90))] == [RED, WHITE]


def test_a_changed_focal_point_outdates_copies(entry_point: "EntryPoint") -> None:
    """Bytes and ETag of the original stay the same."""
    query = "fit=cover&height=20&width=200"
    stored = [
        entry_point.function.upload("quarters.png", QUARTERS, Metadata=metadata)
        for metadata in ({}, {"focal-point": "0,1"})
    ]
    assert stored[0] == stored[1]
    entry_point.function.upload("quarters.png", QUARTERS)
    before = entry_point.send("quarters.png", query).headers["etag"]
    assert entry_point.send("quarters.png", query, {"If-None-Match": before}).status == 304
    entry_point.function.upload("quarters.png", QUARTERS, Metadata={"focal-point": "0,1"})
    changed = entry_point.send("quarters.png", query, {"If-None-Match": before})
    assert changed.status == 200
    assert changed.headers["etag"] != before
    again = entry_point.send("quarters.png", query, {"If-None-Match": changed.headers["etag"]})
    assert (again.status, again.headers["etag"]) == (304, changed.headers["etag"])


@pytest.fixture
def cache_control(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_CACHE_CONTROL", "public, max-age=600, s-maxage=60")


EXPIRES = "Tue, 01 Jan 2069 00:00:00 GMT"


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, "public, max-age=600, s-maxage=60"),
        ({"CacheControl": "no-cache"}, "no-cache"),
        ({"Expires": EXPIRES}, None),
        # A value that cannot be forwarded may forbid caching.
        ({"CacheControl": "private, x=\u00e9"}, "no-store"),
    ],
)
@pytest.mark.parametrize("query", ["", "width=64", "showExif=true"])
@pytest.mark.usefixtures("function", "cache_control")
def test_the_default_of_cache_control(
    entry_point: "EntryPoint", cat: bytes, stored: dict[str, str], expected: str | None, query: str
) -> None:
    entry_point.function.upload("cat.jpg", cat, **stored)
    response = entry_point.send("cat.jpg", query)
    assert response.headers.get("cache-control") == expected
    part = entry_point.send("cat.jpg", query, {"Range": "bytes=0-0"})
    assert (part.status, part.headers.get("cache-control")) == (206, expected)


def test_a_304_of_s3_gets_no_default(entry_point: "EntryPoint", cat: bytes) -> None:
    """S3 may omit Cache-Control, and the default would replace the value that a cache has stored."""
    entry_point.function.upload("cat.jpg", cat)
    etag = entry_point.send("cat.jpg").headers["etag"]
    response = entry_point.send("cat.jpg", "", {"If-None-Match": etag})
    assert (response.status, "cache-control" in response.headers) == (304, False)


@pytest.mark.parametrize(
    ("query", "derivative"),
    [
        ("", "clean"),
        ("format=auto-avif&width=64", "w64_q80.auto-avif"),
        ("size=SXS&to_webp=1", "w180_h180_box_q80.webp"),
        ("showExif=true", "exif.json"),
        ("format=json", "info.json"),
        ("size=XXL", None),
        ("width=wide", None),
    ],
)
def test_the_log_has_query_and_derivative(
    entry_point: "EntryPoint", cat: bytes, query: str, derivative: str | None
) -> None:
    entry_point.function.upload("cat.jpg", cat)
    entry_point.send("cat.jpg", query)
    (line,) = entry_point.function.log()
    assert line.get("query", "") == query
    assert line.get("derivative") == (derivative and f"v{OUTPUT_VERSION}_{derivative}")


def test_the_log_has_the_bytes_of_original_and_derivative(entry_point: "EntryPoint", cat: bytes) -> None:
    entry_point.function.upload("cat.jpg", cat)
    response = entry_point.send("cat.jpg", "size=S")
    entry_point.send("missing.jpg", "size=S")
    made, missing = entry_point.function.log()
    assert made["original_bytes"] == len(cat)
    assert made["derivative_bytes"] == made["bytes"]
    assert response.body == b"" or made["derivative_bytes"] == len(response.body)
    assert "derivative_bytes" not in missing


def test_the_log_has_no_signature(function: "Function", cat: bytes) -> None:
    """A presigned URL of S3 Object Lambda is a credential until it expires."""
    function.upload("cat.jpg", cat)
    signed = "X-Amz-Algorithm=AWS4-HMAC-SHA256&size=S&x-amz-signature=0123&X-Amz-Expires=604800"
    assert AccessPointGet(function).send("cat.jpg", signed).status == 200
    (line,) = function.log()
    assert line["query"] == "size=S"
    assert not re.search("amz-|0123", str(line), re.IGNORECASE)
