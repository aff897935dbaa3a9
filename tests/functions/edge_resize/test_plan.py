"""Which derivative a request asks for."""

import pytest
from edge_event import OriginRequest
from edge_resize.plan import make_plan
from edge_resize.settings import Settings
from hypothesis import given, settings
from hypothesis import strategies as st
from image_core import Box, Format, Transform
from image_query import DEFAULT_SIZES

SETTINGS = Settings(
    bucket_name="pictures",
    bucket_region="eu-west-1",
    quality=70,
    resized_path="cache/resized",
    sizes=DEFAULT_SIZES,
)


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
    assert plan.original_key == key
    assert plan.derivative_key == f"cache/resized/{derivative}"
    width, height = DEFAULT_SIZES[plan.size_name]
    assert plan.wish == Transform(box=Box(width=width, height=height), output_format=output, quality=70)
    assert plan.made_with == f"v1 {width}x{height} q70"


@pytest.mark.parametrize(
    "key", ["cat.svg", "cat", "jpg", "", "cat.jpg/", "cat.jp", "cat.jpgx", "cat.heic", "cat. jpg"]
)
def test_other_extensions(key: str) -> None:
    assert make_plan(request(key), SETTINGS) is None


@pytest.mark.parametrize(
    "key",
    [
        None,
        "cache/resized/S/cat.jpg",
        "cache/resized/cat.jpg",
        "../cat.jpg",
        "a/../cat.jpg",
        "a/./cat.jpg",
    ],
)
def test_keys_that_are_no_originals(key: str | None) -> None:
    assert make_plan(request(key), SETTINGS) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "get"])
def test_other_methods(method: str) -> None:
    assert make_plan(request("cat.jpg", method=method), SETTINGS) is None


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
    """S3 counts bytes of UTF-8."""
    key = character * ((key_bytes - len(".jpg")) // len(character.encode())) + ".jpg"
    assert (make_plan(request(key), SETTINGS) is not None) is fits


extensions = st.sampled_from(["jpg", "jpeg", "png", "gif", "bmp", "webp", "JPG", "WEBP", "Webp"])
keys = st.lists(extensions, min_size=1, max_size=5).map(lambda parts: ".".join(["cat", *parts]))
wishes = st.tuples(keys, st.booleans())


@settings(max_examples=2000, deadline=None)
@given(wishes, wishes)
def test_different_pictures_never_share_a_key(one: tuple[str, bool], other: tuple[str, bool]) -> None:
    plans = [
        make_plan(request(key, f"size=S&to_webp={to_webp:d}"), SETTINGS) for key, to_webp in (one, other)
    ]
    first, second = plans
    assert first
    assert second
    if (first.original_key, first.wish) != (second.original_key, second.wish):
        assert first.derivative_key != second.derivative_key
