"""Parsing of the table of sizes."""

import json

import pytest
from image_query import DEFAULT_SIZES, SizesError, parse_sizes


def test_default_table() -> None:
    assert dict(DEFAULT_SIZES) == {
        "XS": (427, 240),
        "S": (854, 480),
        "M": (1200, 628),
        "L": (1280, 720),
        "SXS": (180, 180),
        "SS": (360, 360),
        "SM": (540, 540),
        "SL": (1080, 1080),
    }


def test_default_table_survives_its_own_json() -> None:
    assert parse_sizes(json.dumps(dict(DEFAULT_SIZES), separators=(",", ":"))) == DEFAULT_SIZES


@pytest.mark.parametrize(
    ("json_text", "sizes"),
    [
        ('{"hero-2_x":[1,16383]}', {"hero-2_x": (1, 16383)}),
        (' { "B" : [ 20, 10 ] , "A" : [ 30, 30 ] } ', {"A": (30, 30), "B": (20, 10)}),
    ],
)
def test_good_tables(json_text: str, sizes: dict[str, tuple[int, int]]) -> None:
    assert parse_sizes(json_text) == sizes


@pytest.mark.parametrize(
    ("json_text", "problem"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "must be an object"),
        ("7", "must be an object"),
        ("{}", "at least one size"),
        ('{"":[1,1]}', "size name ''"),
        ('{"a/b":[1,1]}', "size name 'a/b'"),
        ('{"..":[1,1]}', "size name '..'"),
        ('{"A\\n":[1,1]}', r"size name 'A\\n'"),
        (json.dumps({"A" * 33: [1, 1]}), "size name 'AAAA"),
        ('{"A":[1]}', "size 'A' must be"),
        ('{"A":[1,2,3]}', "size 'A' must be"),
        ('{"A":{"x":1,"y":2}}', "size 'A' must be"),
        ('{"A":null}', "size 'A' must be"),
        ('{"A":[0,1]}', "size 'A' must be"),
        ('{"A":[1,-1]}', "size 'A' must be"),
        ('{"A":[1,16384]}', "size 'A' must be"),
        ('{"A":[1,1.5]}', "size 'A' must be"),
        ('{"A":[true,true]}', "size 'A' must be"),
        ('{"A":["1","1"]}', "size 'A' must be"),
        ('{"A":[1,NaN]}', "size 'A' must be"),
        ('{"A":[1,1],"A":[2,2]}', "size 'A' is named twice"),
    ],
)
def test_bad_tables(json_text: str, problem: str) -> None:
    with pytest.raises(SizesError, match=problem):
        parse_sizes(json_text)


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(SizesError) as caught:
        parse_sizes('{"A":[0,0],"b c":[1,1],"A":[1,1]}')
    assert [problem.split(" must")[0] for problem in caught.value.problems] == [
        "size 'A'",
        "size name 'b c'",
        "size 'A' is named twice",
    ]


def test_a_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        DEFAULT_SIZES["XXL"] = (9999, 9999)  # type: ignore[index]  # the subject of the test
