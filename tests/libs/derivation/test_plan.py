"""Headers and metadata of derivatives, and whether a stored derivative is current."""

from typing import Any

import pytest
from derivation import Plan, has_dot_segment, has_image_extension, is_current, make_upload, read_focal_point
from image_core import DerivedFile, Limits
from image_url import DEFAULT_SIZES, Gravity, derivative_name, parse_query
from s3_http import ObjectInfo


def make_plan(key: str, query: str) -> Plan:
    options = parse_query(query, DEFAULT_SIZES, default_quality=70)
    name = derivative_name(options, 3)
    return Plan(key, name, f"resized/{key}/{name}", options, Limits(), "public")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("a.jpg", True),
        ("a/b.JPEG", True),
        (".avif", True),
        ("a.heic", False),
        ("jpg", False),
        ("a.jpg/", False),
    ],
)
def test_the_extension_of_an_image(key: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert has_image_extension(key) is expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [("../a.jpg", True), ("a/./b.jpg", True), ("a/..", True), ("..a.jpg", False), ("a/...", False)],
)
def test_dot_segments(key: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert has_dot_segment(key) is expected


def original_with(**changes: Any) -> ObjectInfo:
    return ObjectInfo(content_length=1, etag="e", metadata={})._replace(**changes)


def stored_derivative(plan: Plan, original: ObjectInfo) -> ObjectInfo:
    """Return the metadata of a derivative as S3 would after the PUT."""
    upload = make_upload(DerivedFile(b"", "image/jpeg"), original, plan)
    return original_with(
        metadata=upload.metadata,
        cache_control=upload.cache_control,
        expires=upload.expires,
        content_disposition=upload.content_disposition,
        content_language=upload.content_language,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "public"),
        ("private", "private"),
        ("private,\tmax-age=60", "no-store"),
        ("private, x=\u00e9", "no-store"),
    ],
)
def test_a_cache_control_that_cannot_be_forwarded_forbids_caching(value: str | None, expected: str) -> None:
    plan = make_plan("cat.jpg", "width=100")
    original = original_with(cache_control=value)
    derivative = stored_derivative(plan, original)
    assert derivative.cache_control == expected
    assert is_current(derivative, original, plan)


EXPIRES = "Thu, 01 Dec 1994 16:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, ("max-age=9", None, None)),
        ({"expires": EXPIRES}, ("public", EXPIRES, None)),
        ({"expires": EXPIRES, "cache_control": "private"}, ("private", EXPIRES, None)),
        ({"expires": "n\u00e9ver", "content_language": "de, en"}, ("max-age=9", None, "de, en")),
    ],
)
def test_headers_that_a_derivative_inherits(
    headers: dict[str, str], expected: tuple[str, str | None, str | None]
) -> None:
    plan = make_plan("cat.jpg", "width=100")._replace(cache_control="max-age=9")
    upload = make_upload(DerivedFile(b"", "image/jpeg"), original_with(**headers), plan)
    assert (upload.cache_control, upload.expires, upload.content_language) == expected


def test_a_missing_derivative_is_not_current() -> None:
    assert not is_current(None, original_with(), make_plan("cat.jpg", "width=100"))


COVER = "fit=cover&height=100&width=100"
FOCUS = {"focal-point": "0.3,0.7"}


@pytest.mark.parametrize(
    ("query", "metadata", "expected"),
    [
        (COVER, FOCUS, Gravity(30, 70)),
        (COVER, {"focal-point": "northeast"}, Gravity(100, 0)),
        (COVER, {}, None),
        (COVER, {"focal-point": "0.3, 7"}, None),
        (COVER, {"focal-point": ""}, None),
        (f"{COVER}&gravity=0.1,0.1", FOCUS, None),
        ("width=100", FOCUS, None),
        ("size=S", FOCUS, None),
    ],
)
def test_the_focal_point(query: str, metadata: dict[str, str], expected: Gravity | None) -> None:
    plan = make_plan("cat.jpg", query)
    assert read_focal_point(original_with(metadata=metadata), plan) == expected


def test_the_metadata_of_a_derivative() -> None:
    """Any other text would make each stored derivative outdated."""
    upload = make_upload(
        DerivedFile(b"", "image/jpeg"), original_with(metadata=FOCUS), make_plan("cat.jpg", COVER)
    )
    assert upload.metadata == {"source-etag": "e", "source-focal-point": "30x70"}


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        (FOCUS, FOCUS, True),
        ({}, {}, True),
        ({}, {"focal-point": "nowhere"}, True),
        (FOCUS, {"focal-point": ".3,.7", "more": "x"}, True),
        (FOCUS, {}, False),
        ({}, FOCUS, False),
        (FOCUS, {"focal-point": "0.3,0.6"}, False),
    ],
)
def test_a_new_focal_point_makes_a_crop_outdated(
    before: dict[str, str],
    after: dict[str, str],
    is_same: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """The ETag of the original does not change with its metadata."""
    for query, is_cropped in ((COVER, True), ("width=100", False)):
        plan = make_plan("cat.jpg", query)
        derivative = stored_derivative(plan, original_with(metadata=before))
        expected = is_same or not is_cropped
        assert is_current(derivative, original_with(metadata=after), plan) is expected


@pytest.mark.parametrize(
    ("key", "query", "is_kept"),
    [
        ("cat.jpg", "width=64", True),
        ("cat.jpg", "format=jpeg&width=64", True),
        ("cat.JPEG", "format=jpeg&width=64", True),
        ("cat.webp", "to_webp=1", True),
        ("cat.jpg", "to_webp=1", False),
        ("cat.jpg", "format=auto", False),
        ("cat.jpg", "format=json", False),
        ("cat.png", "format=jpeg", False),
    ],
)
def test_a_file_name_is_kept_for_the_same_format(
    key: str,
    query: str,
    is_kept: bool,  # noqa: FBT001 - a column of the table
) -> None:
    plan = make_plan(key, query)
    original = original_with(content_disposition='filename="cat.jpg"')
    assert (stored_derivative(plan, original).content_disposition is not None) is is_kept
