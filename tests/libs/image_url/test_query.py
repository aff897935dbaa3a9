"""Parsing of queries. Canonical queries are in test_vectors.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_url import (
    DEFAULT_SIZES,
    Fit,
    Gravity,
    ImageOptions,
    OutputFormat,
    QueryError,
    parse_query,
    parse_sizes,
)

M = ImageOptions(width=1200, height=628, quality=80, swap_for_portrait=True)
WEBP = OutputFormat.WEBP


@pytest.mark.parametrize(
    ("querystring", "options"),
    [
        ("", ImageOptions()),
        ("size=M", M),
        ("to_webp=1", ImageOptions(format=WEBP, quality=80)),
        ("to_webp=0", ImageOptions()),
        ("to_webp=0&size=M", M),
        ("size=M&to_webp=1", M._replace(format=WEBP)),
        ("to_webp=1&size=M&to_webp=1", M._replace(format=WEBP)),
        ("to_webp=1&format=webp", ImageOptions(format=WEBP, quality=80)),
        ("size=M&size=M", M),
        ("size=%4D", M),
        ("si%7Ae=M", M),
        ("utm_source=a&size=M&flag&=x&&", M),
        ("Size=EVIL&SIZE=x&size=M", M),
        ("a=%FF%&size=M", M),
        ("size;to_webp=1", ImageOptions()),
        ("x-id=GetObject&X-Amz-Signature=0&size=M", M),
        ("showExif=true", ImageOptions(show_exif=True)),
        ("showExif=tRuE&showExif=true&size=M", ImageOptions(show_exif=True)),
        ("showExif=False", ImageOptions()),
        ("showexif=true", ImageOptions()),
        ("width=640", ImageOptions(width=640, quality=80)),
        ("width=641", ImageOptions(width=641, quality=80)),
        ("quality=77", ImageOptions(quality=77)),
        ("quality=80", ImageOptions(quality=80)),
        ("format=png&quality=5", ImageOptions(format=OutputFormat.PNG)),
        ("format=json&quality=5&width=640", ImageOptions(format=OutputFormat.JSON)),
        (
            "fit=cover&gravity=0.3%2C0.7&height=5&width=7",
            ImageOptions(width=7, height=5, fit=Fit.COVER, gravity=Gravity(30, 70), quality=80),
        ),
    ],
)
def test_valid_queries(querystring: str, options: ImageOptions) -> None:
    assert parse_query(querystring, DEFAULT_SIZES, 80) == options


@pytest.mark.parametrize(
    ("querystring", "named"),
    [
        *((f"size={value}", "size") for value in ("EVIL", "", "s", "S+", "S%00", "../S", "%C3%28")),
        ("size", "size"),
        ("size=S&size=M", "size"),
        ("size=S&size=", "size"),
        *((f"to_webp={value}", "to_webp") for value in ("2", "true", "", "01", "%D9%A1")),
        ("size=S&to_webp=1&to_webp=0", "to_webp"),
        *((f"showExif={value}", "showExif") for value in ("", "1", "true+")),
        ("showExif=true&showExif=false", "showExif"),
        *((f"width={value}", "width") for value in ("0", "16384", "-1", "1.5", "", "064", "%D9%A1", "1_0")),
        *((f"height={value}", "height") for value in ("0", "16384", "x")),
        *((f"quality={value}", "quality") for value in ("0", "101", "", "7.5")),
        *((f"format={value}", "format") for value in ("", "jpg", "JPEG", "bmp", "auto_webp")),
        *((f"width=1&height=1&fit={value}", "fit") for value in ("", "crop", "box", "COVER")),
        *((f"width=1&height=1&fit=cover&gravity={value}", "gravity") for value in ("", "0.5", "2,0", "a,b")),
        ("width=5&fit=cover", "fit"),
        ("width=1&height=1&gravity=0,0", "gravity"),
        ("width=1&width=2", "width"),
        ("format=json&width=x", "width"),
        ("format=json&size=EVIL", "size"),
        ("showExif=true&quality=0", "quality"),
        ("showExif=true&fit=crop", "fit"),
        ("showExif=true&gravity=middle", "gravity"),
    ],
)
def test_invalid_values(querystring: str, named: str) -> None:
    with pytest.raises(QueryError, match=rf"^The parameter {named} [^\n]+\.$"):
        parse_query(querystring, DEFAULT_SIZES, 80)


@pytest.mark.parametrize("whole", ["size=M", "to_webp=1", "to_webp=0"])
@pytest.mark.parametrize("side", ["width=5", "height=5", "fit=cover", "gravity=0,0"])
def test_combinations(whole: str, side: str) -> None:
    names = [pair.partition("=")[0] for pair in (whole, side)]
    with pytest.raises(QueryError, match=rf"^The parameters {names[0]} and {names[1]} cannot be combined\.$"):
        parse_query(f"{side}&{whole}", DEFAULT_SIZES, 80)


def test_two_formats() -> None:
    with pytest.raises(QueryError, match=r"^The parameters to_webp and format ask for different formats\.$"):
        parse_query("to_webp=1&format=avif", DEFAULT_SIZES, 80)


def test_aliases_are_for_browsers_only() -> None:
    assert parse_query("w=5&h=5&q=5&fm=webp&dpr=2&auto=format", DEFAULT_SIZES, 80) == ImageOptions()


def test_the_table_of_the_deployment_has_the_sizes() -> None:
    sizes = parse_sizes('{"hero":{"width":1200,"format":"webp","quality":70}}')
    hero = ImageOptions(width=1200, format=WEBP, quality=70)
    assert parse_query("size=hero", sizes, 80) == hero
    assert parse_query("size=hero&quality=80", sizes, 80) == hero._replace(quality=80)
    assert parse_query("size=hero&format=gif", sizes, 80) == hero._replace(
        format=OutputFormat.GIF, quality=None
    )
    with pytest.raises(QueryError, match=r"^The parameter size must be one of: hero\.$"):
        parse_query("size=M", sizes, 80)


@given(st.text(max_size=60))
def test_any_query_is_parsed_or_refused(querystring: str) -> None:
    try:
        options = parse_query(querystring, DEFAULT_SIZES, 80)
    except QueryError:
        return
    assert options.find_problems() == []
