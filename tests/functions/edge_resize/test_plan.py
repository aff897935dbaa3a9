"""Derivatives of requests, and detection of images."""

import gzip
from pathlib import Path

import pytest
from edge_event import OriginRequest
from edge_resize.errors import PermanentError
from edge_resize.plan import START_BYTES, is_image, make_plan
from edge_resize.settings import Originals, Settings
from hypothesis import given, settings
from hypothesis import strategies as st
from image_core import OUTPUT_VERSION, Box, Format, Options
from image_query import DEFAULT_SIZES
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


@pytest.mark.parametrize(
    ("key", "query", "derivative", "output"),
    [
        ("cat.jpg", "size=S", "S/cat.jpg", None),
        ("cat.jpg", "size=S&to_webp=0", "S/cat.jpg", None),
        ("cat.jpg", "size=S&to_webp=1", "S/cat.jpg.webp", Format.WEBP),
        ("cat.PNG", "size=M&to_webp=1", "M/cat.PNG.webp", Format.WEBP),
        ("a/b.c/cat.gif", "size=SXS", "SXS/a/b.c/cat.gif", None),
        ("cat.bmp", "size=L", "L/cat.bmp", None),
        ("cat.avif", "size=L", "L/cat.avif", None),
        ("cat.jpeg", "size=L", "L/cat.jpeg", None),
        (".jpg", "size=L", "L/.jpg", None),
        ("cat.webp", "size=S", "S/cat.webp", Format.WEBP),
        ("cat.webp", "size=S&to_webp=1", "S/cat.webp", Format.WEBP),
        ("cat.WebP", "size=S&to_webp=1", "S/cat.WebP", Format.WEBP),
        ("cat.jpg.webp", "size=S", "S/cat.jpg.webp.webp", Format.WEBP),
        ("cat.jpg.webp", "size=S&to_webp=1", "S/cat.jpg.webp.webp", Format.WEBP),
        ("cat.jpg.webp.webp", "size=S", "S/cat.jpg.webp.webp.webp", Format.WEBP),
        ("cat.txt.webp", "size=S", "S/cat.txt.webp", Format.WEBP),
        ("cat.jpg.WEBP", "size=S", "S/cat.jpg.WEBP", Format.WEBP),
        ("cache/resized.jpg", "size=S", "S/cache/resized.jpg", None),
        ("cache/resized2/cat.jpg", "size=S", "S/cache/resized2/cat.jpg", None),
        ("..cat.jpg", "size=S", "S/..cat.jpg", None),
    ],
)
def test_derivatives(key: str, query: str, derivative: str, output: Format | None) -> None:
    plan = make_plan(request(key, query), SETTINGS)
    assert plan
    assert plan.size_name
    assert plan.original_key == key
    assert plan.derivative_key == f"cache/resized/{derivative}"
    width, height = DEFAULT_SIZES[plan.size_name]
    assert plan.options == Options(box=Box(width=width, height=height), output_format=output, quality=70)
    assert plan.variant_tag == f"v{OUTPUT_VERSION} {width}x{height} q70"


@pytest.mark.parametrize(
    ("key", "name"),
    [("cat.jpg", "cat.jpg.webp"), ("cat.webp", "cat.webp"), ("cat.jpg.webp", "cat.jpg.webp.webp")],
)
@pytest.mark.parametrize("originals", Originals)
def test_webp_of_the_original_size(key: str, name: str, originals: Originals) -> None:
    plan = make_plan(request(key, "to_webp=1"), SETTINGS._replace(originals=originals))
    assert plan
    assert (plan.size_name, plan.derivative_key) == (None, f"cache/resized/whole.size/{name}")
    assert plan.options == Options(box=None, output_format=Format.WEBP, quality=70)
    assert plan.variant_tag == f"v{OUTPUT_VERSION} whole q70"


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
    "cache/resized/S/cat.jpg",
    "cache/resized/whole.size/cat.jpg.webp",
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
    assert (plan.original_key, plan.derivative_key) == (key, f"cache/resized/cleaned.size/{key}")
    assert (plan.options, plan.size_name, plan.variant_tag) == (None, None, f"v{OUTPUT_VERSION} cleaned")
    assert plan.keeps_format
    assert not plan.needs_detection


@pytest.mark.parametrize("query", ["", "size=S", "size=EVIL"])
@pytest.mark.parametrize("key", OTHER_EXTENSIONS)
def test_the_content_decides_what_is_cleaned_under_another_extension(key: str, query: str) -> None:
    """Options are ignored, because the key does not have the extension of an image."""
    plan = make_plan(request(key, query), CLEANED)
    assert plan
    assert plan.needs_detection
    assert plan.options is None
    assert plan.derivative_key == f"cache/resized/cleaned.size/{key}"


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


@pytest.mark.parametrize(
    ("key_bytes", "character", "fits"),
    [
        (1024 - len("cache/resized/S/"), "x", True),
        (1025 - len("cache/resized/S/"), "x", False),
        (1024 - len("cache/resized/S/"), "é", True),
        (1026 - len("cache/resized/S/"), "é", False),
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
    assert is_image(stored((IMAGES / name).read_bytes()))


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
    assert not is_image(stored(start))


@pytest.mark.parametrize(
    ("content_type", "expected"), [("image/jpeg", True), ("image/svg+xml", False), ("text/css", False)]
)
def test_a_file_that_is_stored_compressed(content_type: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    start = stored(gzip.compress((IMAGES / "cat.jpg").read_bytes()))
    info = start.info._replace(content_type=content_type, content_encoding="gzip")
    assert is_image(start._replace(info=info)) is expected


def stored(data: bytes) -> S3Object:
    info = ObjectInfo(content_length=len(data), etag="x", metadata={}, content_type="image/jpeg")
    return S3Object(info=info, data=data[:START_BYTES])


extensions = st.sampled_from(
    ["jpg", "jpeg", "png", "gif", "bmp", "webp", "avif", "JPG", "WEBP", "Webp", "txt"]
)
keys = st.lists(extensions, max_size=5).map(lambda parts: ".".join(["cat", *parts]))
queries = st.sampled_from(["", "to_webp=1", "size=S", "size=S&to_webp=1", "size=SXS"])
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
