"""Derivatives of requests, and detection of images."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from derivation import PermanentError
from edge_event import OriginRequest
from edge_resize.plan import is_image, make_plan
from edge_resize.settings import Originals, Settings
from hypothesis import given, settings
from hypothesis import strategies as st
from image_core import OUTPUT_VERSION
from image_format import DETECTION_BYTES
from image_url import DEFAULT_SIZES, Fit, Gravity, ImageOptions, OutputFormat, parse_sizes
from s3_http import ObjectInfo, S3Object

SETTINGS = Settings(
    bucket_name="images",
    bucket_region="eu-west-1",
    quality=70,
    resized_path="cache/resized",
    sizes=DEFAULT_SIZES,
)
CLEANED = SETTINGS._replace(originals=Originals.CLEANED)
IMAGES = Path(__file__).parents[2] / "images"


def request(key: str | None, query: str = "size=S", method: str = "GET") -> OriginRequest:
    return OriginRequest(
        method=method,
        uri="/not-read",
        key=key,
        querystring=query,
        request_id="r",
        origin_path="",
        origin_headers={},
        custom_domain_name=None,
        raw={},
    )


BOX: dict[str, Any] = {"swap_for_portrait": True, "quality": 70}


@pytest.mark.parametrize(
    ("query", "options", "name"),
    [
        ("size=S", ImageOptions(854, 480, **BOX), "w854_h480_box_q70"),
        ("size=S&to_webp=0", ImageOptions(854, 480, **BOX), "w854_h480_box_q70"),
        (
            "size=M&to_webp=1",
            ImageOptions(1200, 628, format=OutputFormat.WEBP, **BOX),
            "w1200_h628_box_q70.webp",
        ),
        ("to_webp=1", ImageOptions(format=OutputFormat.WEBP, quality=70), "q70.webp"),
        ("width=640", ImageOptions(640, quality=70), "w640_q70"),
        ("height=48&quality=40", ImageOptions(height=48, quality=40), "h48_q40"),
        (
            "fit=cover&format=auto-avif&gravity=0.3,0.7&height=400&width=640",
            ImageOptions(640, 400, Fit.COVER, Gravity(30, 70), OutputFormat.AUTO_AVIF, 70),
            "w640_h400_cover_g30x70_q70.auto-avif",
        ),
        ("format=png&width=64", ImageOptions(64, format=OutputFormat.PNG), "w64.png"),
        ("format=json", ImageOptions(format=OutputFormat.JSON), "info.json"),
        ("showExif=true&size=S", ImageOptions(), None),
    ],
)
@pytest.mark.parametrize("key", ["cat.jpg", "a/b.c/cat.PNG", ".jpg", "cat.jpg.webp", "..cat.jpg"])
def test_derivatives(key: str, query: str, options: ImageOptions, name: str | None) -> None:
    plan = make_plan(request(key, query), SETTINGS)
    if name is None:
        assert plan is None
        return
    assert plan
    assert (plan.original_key, plan.options) == (key, options)
    assert plan.name == f"v{OUTPUT_VERSION}_{name}"
    assert plan.derivative_key == f"cache/resized/{key}/{plan.name}"


@pytest.mark.parametrize("key", ["cache/resized.jpg", "cache/resized2/cat.jpg"])
def test_keys_that_begin_like_the_folder_of_derivatives(key: str) -> None:
    plan = make_plan(request(key), SETTINGS)
    assert plan
    assert plan.derivative_key.startswith(f"cache/resized/{key}/")


def test_a_named_size_with_all_options() -> None:
    sizes = parse_sizes(
        '{"hero":{"width":1200,"height":600,"fit":"cover","gravity":"north","format":"auto","quality":55}}'
    )
    settings = SETTINGS._replace(sizes=sizes)
    for query, name in (
        ("size=hero", "w1200_h600_cover_g50x0_q55.auto"),
        ("format=auto-avif&size=hero", "w1200_h600_cover_g50x0_q55.auto-avif"),
        ("format=jpeg&quality=90&size=hero", "w1200_h600_cover_g50x0_q90.jpg"),
    ):
        plan = make_plan(request("cat.jpg", query), settings)
        assert plan
        assert plan.name == f"v{OUTPUT_VERSION}_{name}"


OTHER_EXTENSIONS = [
    "cat.svg",
    "cat",
    "jpg",
    "cat.jpg/",
    "cat.jp",
    "cat.jpgx",
    "cat.heic",
    "cat. jpg",
    "a.jpg ",
]
NO_ORIGINALS = [
    None,
    "cache/resized/cat.jpg/v4_w640_q80",
    "cache/resized/cat.jpg",
    "cache/resized/cat.txt",
    "cache/resized",
    "../cat.jpg",
    "a/../cat.jpg",
    "a/./cat.jpg",
]


@pytest.mark.parametrize("query", ["", "size=S", "size=EVIL"])
@pytest.mark.parametrize("key", [*OTHER_EXTENSIONS, *NO_ORIGINALS, ""])
def test_objects_that_are_passed_on(key: str | None, query: str) -> None:
    assert make_plan(request(key, query), SETTINGS) is None


@pytest.mark.parametrize("query", ["", "to_webp=0", "utm_source=x", "to_webp=0&to_webp=0"])
@pytest.mark.parametrize("key", ["cat.jpg", "cat.JPG", "a/cat.webp", "cat.jpg.webp"])
def test_a_request_without_options(key: str, query: str) -> None:
    assert make_plan(request(key, query), SETTINGS) is None
    plan = make_plan(request(key, query), CLEANED)
    assert plan
    assert (plan.original_key, plan.options) == (key, ImageOptions())
    assert plan.derivative_key == f"cache/resized/{key}/v{OUTPUT_VERSION}_clean"


@pytest.mark.parametrize("query", ["", "size=S", "size=EVIL"])
@pytest.mark.parametrize("key", OTHER_EXTENSIONS)
def test_the_content_decides_what_is_cleaned_under_another_extension(key: str, query: str) -> None:
    """Options are ignored, because the key does not have the extension of an image."""
    plan = make_plan(request(key, query), CLEANED)
    assert plan
    assert plan.options == ImageOptions()
    assert plan.derivative_key == f"cache/resized/{key}/v{OUTPUT_VERSION}_clean"


@pytest.mark.parametrize("query", ["", "size=S"])
@pytest.mark.parametrize("key", NO_ORIGINALS)
def test_other_paths_give_404_if_originals_are_cleaned(key: str | None, query: str) -> None:
    """Derivatives are served under other paths, and other objects in their folder were never cleaned."""
    with pytest.raises(PermanentError, match="404 NoSuchKey"):
        make_plan(request(key, query), CLEANED)


@pytest.mark.parametrize("settings", [SETTINGS, CLEANED])
def test_the_root_is_left_to_s3(settings: Settings) -> None:
    """With the permissions of the function the root would be a list of the bucket."""
    assert make_plan(request(""), settings) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
@pytest.mark.parametrize("settings", [SETTINGS, CLEANED])
def test_other_methods(method: str, settings: Settings) -> None:
    assert make_plan(request("cat.jpg", method=method), settings) is None


MAX_KEY_BYTES = 1024 - len(f"cache/resized//v{OUTPUT_VERSION}_w854_h480_box_q70")


@pytest.mark.parametrize(
    ("key_bytes", "character", "fits"),
    [
        (MAX_KEY_BYTES, "x", True),
        (MAX_KEY_BYTES + 1, "x", False),
        (MAX_KEY_BYTES - 1, "é", True),
        (MAX_KEY_BYTES + 1, "é", False),
    ],
)
def test_the_longest_key(key_bytes: int, character: str, fits: bool) -> None:  # noqa: FBT001 - a column of the table
    """The limit of S3 is in bytes of UTF-8."""
    key = character * ((key_bytes - len(".jpg")) // len(character.encode())) + ".jpg"
    if fits:
        assert make_plan(request(key), SETTINGS)
    else:
        with pytest.raises(PermanentError, match="400 KeyTooLongError"):
            make_plan(request(key), SETTINGS)


@pytest.mark.parametrize(
    "name", ["cat.jpg", "cat.png", "cat.gif", "cat.bmp", "cat.webp", "cat.avif", "coffee.mpo"]
)
def test_the_start_of_an_image(name: str) -> None:
    assert is_image(make_object((IMAGES / name).read_bytes()))


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"BM",
        b"BMW builds cars, and",
        b"BM" + bytes(10),
        b"GIF",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"<svg xmlns='http:",
        b"II*\0" + bytes(14),
        b"\0\0\0\x18ftypheic" + bytes(6),
        b"\0\xff\xd8\xff" + bytes(14),
    ],
)
def test_the_start_of_another_file(start: bytes) -> None:
    assert not is_image(make_object(start))


@pytest.mark.parametrize(
    ("content_type", "expected"), [("image/jpeg", True), ("image/svg+xml", False), ("text/css", False)]
)
def test_a_file_that_is_stored_compressed(content_type: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    start = make_object(gzip.compress((IMAGES / "cat.jpg").read_bytes()))
    info = start.info._replace(content_type=content_type, content_encoding="gzip")
    assert is_image(start._replace(info=info)) is expected


def make_object(data: bytes) -> S3Object:
    info = ObjectInfo(content_length=len(data), etag="x", metadata={}, content_type="image/jpeg")
    return S3Object(info=info, data=data[:DETECTION_BYTES])


extensions = st.sampled_from(["jpg", "png", "webp", "JPG", "txt", "v4_clean", "jpg/v4_clean"])
keys = st.lists(extensions, max_size=5).map(lambda parts: ".".join(["cat", *parts]))
queries = st.sampled_from(
    ["", "to_webp=1", "size=S", "size=S&to_webp=1", "size=SXS", "width=180", "format=json"]
)
requests = st.tuples(keys, queries)


@settings(max_examples=2000, deadline=None)
@given(requests, requests)
def test_different_images_never_share_a_key(one: tuple[str, str], other: tuple[str, str]) -> None:
    first, second = (make_plan(request(key, query), CLEANED) for key, query in (one, other))
    assert first
    assert second
    if (first.original_key, first.options) != (second.original_key, second.options):
        assert first.derivative_key != second.derivative_key
    else:
        assert first == second
