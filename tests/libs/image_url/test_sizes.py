"""Parsing of the table of sizes."""

import json

import pytest
from image_url import DEFAULT_SIZES, Fit, Gravity, ImageOptions, OutputFormat, SizesError, parse_sizes


def portrait_box(width: int, height: int) -> ImageOptions:
    return ImageOptions(width=width, height=height, swap_for_portrait=True)


def test_default_table() -> None:
    assert dict(DEFAULT_SIZES) == {
        "XS": portrait_box(427, 240),
        "S": portrait_box(854, 480),
        "M": portrait_box(1200, 628),
        "L": portrait_box(1280, 720),
        "SXS": portrait_box(180, 180),
        "SS": portrait_box(360, 360),
        "SM": portrait_box(540, 540),
        "SL": portrait_box(1080, 1080),
    }


@pytest.mark.parametrize(
    ("json_text", "sizes"),
    [
        ('{"hero-2_x":[1,16383]}', {"hero-2_x": portrait_box(1, 16_383)}),
        (' { "B" : [ 20, 10 ] , "A" : [ 30, 30 ] } ', {"A": portrait_box(30, 30), "B": portrait_box(20, 10)}),
        (
            '{"hero":{"width":1200,"height":600,"fit":"cover","format":"auto","quality":70}}',
            {"hero": ImageOptions(1200, 600, Fit.COVER, None, OutputFormat.AUTO, 70)},
        ),
        (
            '{"face":{"gravity":"0.305,.25","fit":"cover","height":1,"width":2}}',
            {"face": ImageOptions(2, 1, Fit.COVER, Gravity(31, 25))},
        ),
        (
            '{"top":{"width":2,"height":1,"fit":"cover","gravity":"north"}}',
            {"top": ImageOptions(2, 1, Fit.COVER, Gravity(50, 0))},
        ),
        ('{"A":{"width":16383}}', {"A": ImageOptions(width=16_383)}),
        ('{"A":{"height":1,"fit":"inside"}}', {"A": ImageOptions(height=1)}),
        ('{"A":{"quality":100}}', {"A": ImageOptions(quality=100)}),
        ('{"A":{"format":"png"}}', {"A": ImageOptions(format=OutputFormat.PNG)}),
        (
            '{"A":{"width":5,"height":null,"fit":null,"gravity":null,"format":null,"quality":null}}',
            {"A": ImageOptions(width=5)},
        ),
        ('{"A":[1,1],"B":{"width":1}}', {"A": portrait_box(1, 1), "B": ImageOptions(width=1)}),
    ],
)
def test_good_tables(json_text: str, sizes: dict[str, ImageOptions]) -> None:
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
        ('{"A":{"x":1,"y":2}}', "size 'A': 'x' is not an option; the options are width, height, fit,"),
        ('{"A":{}}', "size 'A': at least one option is needed"),
        ('{"A":{"width":null}}', "size 'A': at least one option is needed"),
        ('{"A":{"width":0}}', "size 'A': width must be a whole number from 1 to 16383"),
        ('{"A":{"width":true}}', "size 'A': width must be"),
        ('{"A":{"width":"5"}}', "size 'A': width must be"),
        ('{"A":{"height":16384}}', "size 'A': height must be"),
        ('{"A":{"quality":101}}', "size 'A': quality must be a whole number from 1 to 100"),
        ('{"A":{"quality":1.5}}', "size 'A': quality must be"),
        ('{"A":{"format":"bmp"}}', "size 'A': format must be one of: auto, avif, webp, jpeg, png, gif"),
        ('{"A":{"format":"json"}}', "size 'A': format must be one of"),
        ('{"A":{"format":"auto-avif"}}', "size 'A': format must be one of"),
        ('{"A":{"format":"auto-webp"}}', "size 'A': format must be one of"),
        ('{"A":{"format":["webp"]}}', "size 'A': format must be one of"),
        ('{"A":{"width":1,"height":1,"fit":"crop"}}', "size 'A': fit must be one of: inside, cover,"),
        ('{"A":{"width":1,"height":1,"fit":{}}}', "size 'A': fit must be one of"),
        ('{"A":{"width":1,"height":1,"fit":"cover","gravity":"up"}}', "size 'A': gravity must be one of"),
        ('{"A":{"width":1,"height":1,"fit":"cover","gravity":[0,0]}}', "size 'A': gravity must be one of"),
        ('{"A":{"width":1,"fit":"cover"}}', "size 'A': fit cover needs width and height"),
        ('{"A":{"width":1,"height":1,"gravity":"north"}}', "size 'A': gravity needs fit cover"),
        ('{"A":{"width":1,"width":2}}', "size 'A': width is given twice"),
        ('{"A":{"width":1,"height":1,"to_webp":1}}', "size 'A': 'to_webp' is not an option"),
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
        DEFAULT_SIZES["XXL"] = ImageOptions()  # type: ignore[index]  # the subject of the test
