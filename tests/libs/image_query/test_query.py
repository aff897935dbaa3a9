"""Parsing of query strings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_query import DEFAULT_SIZES, ImageQuery, QueryError, parse_query, parse_sizes


@pytest.mark.parametrize("name", ["XS", "S", "M", "L", "SXS", "SS", "SM", "SL"])
def test_every_named_size(name: str) -> None:
    assert parse_query(f"size={name}", DEFAULT_SIZES) == ImageQuery(size_name=name, to_webp=False)


@pytest.mark.parametrize(
    ("querystring", "size_name", "to_webp"),
    [
        ("", None, False),
        ("to_webp=1", None, True),
        ("to_webp=0", None, False),
        ("size=M&to_webp=1", "M", True),
        ("format=webp&size=M", "M", True),
        ("format=auto-avif&size=M", "M", False),
        ("to_webp=0&size=M", "M", False),
        ("size=M&size=M", "M", False),
        ("to_webp=1&size=M&to_webp=1", "M", True),
        ("size=%4D", "M", False),
        ("si%7Ae=M", "M", False),
        ("utm_source=a&size=M&flag&=x&&", "M", False),
        ("Size=EVIL&SIZE=x&size=M", "M", False),
        ("sizes=EVIL&size=M", "M", False),
        ("a=%FF%&size=M", "M", False),
        ("size;to_webp=1", None, False),
    ],
)
def test_queries(querystring: str, size_name: str | None, to_webp: bool) -> None:  # noqa: FBT001 - a column of the table
    assert parse_query(querystring, DEFAULT_SIZES) == ImageQuery(size_name=size_name, to_webp=to_webp)


@pytest.mark.parametrize(
    ("querystring", "show_exif"),
    [
        ("", False),
        ("showExif=true", True),
        ("showExif=TRUE", True),
        ("showExif=tRuE&showExif=true", True),
        ("showExif=%74rue&utm_source=a", True),
        ("showExif=false", False),
        ("showExif=False", False),
        ("showexif=true", False),
    ],
)
def test_exif(querystring: str, show_exif: bool) -> None:  # noqa: FBT001 - a column of the table
    query = ImageQuery(size_name=None, to_webp=False, show_exif=show_exif)
    assert parse_query(querystring, DEFAULT_SIZES) == query


@pytest.mark.parametrize(
    ("querystring", "named"),
    [
        ("size=EVIL", "size"),
        ("size=EVIL&size=S", "size"),
        ("size=S&size=EVIL", "size"),
        ("size=S&size=M", "size"),
        ("size=S&size=", "size"),
        ("size=", "size"),
        ("size", "size"),
        ("size=s", "size"),
        ("size=S+", "size"),
        ("size=S%00", "size"),
        ("size=../S", "size"),
        ("size=%C3%28", "size"),
        ("size=S&to_webp=2", "to_webp"),
        ("size=S&to_webp=true", "to_webp"),
        ("size=S&to_webp=", "to_webp"),
        ("size=S&to_webp=01", "to_webp"),
        ("size=S&to_webp=%D9%A1", "to_webp"),
        ("size=S&to_webp=1&to_webp=0", "to_webp"),
        ("showExif", "showExif"),
        ("showExif=1", "showExif"),
        ("showExif=true+", "showExif"),
        ("showExif=true&showExif=false", "showExif"),
    ],
)
def test_invalid_values(querystring: str, named: str) -> None:
    with pytest.raises(QueryError, match=rf"^The parameter {named} [^\n]+\.$"):
        parse_query(querystring, DEFAULT_SIZES)


def test_the_table_of_the_deployment_has_the_sizes() -> None:
    sizes = parse_sizes('{"THUMB":[100,100]}')
    assert parse_query("size=THUMB", sizes).size_name == "THUMB"
    with pytest.raises(QueryError, match="must be one of: THUMB"):
        parse_query("size=M", sizes)


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_query_is_parsed_or_refused(querystring: str) -> None:
    try:
        query = parse_query(querystring, DEFAULT_SIZES)
    except QueryError:
        return
    assert query.size_name is None or query.size_name in DEFAULT_SIZES
