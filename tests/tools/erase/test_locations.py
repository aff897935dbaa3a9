"""Places that hold what was made from an original."""

import pytest

from tests.tools.erase.conftest import make_outputs
from tests.vectors import ROWS
from tools.erase.locations import (
    Location,
    Selection,
    list_derivative_locations,
    list_invalidation_paths,
    list_made_from,
    list_originals,
    parse_selection,
)

OUTPUTS = make_outputs("x")


@pytest.mark.parametrize(
    ("text", "selection"),
    [
        ("cats/tom.jpg", Selection(text="cats/tom.jpg", is_prefix=False)),
        ("cats/", Selection(text="cats/", is_prefix=True)),
        ("cats/t*", Selection(text="cats/t", is_prefix=True)),
        ("*", Selection(text="", is_prefix=True)),
        ("a*b.jpg", Selection(text="a*b.jpg", is_prefix=False)),
    ],
)
def test_selections(text: str, selection: Selection) -> None:
    assert parse_selection(text) == selection


def addresses(locations: list[Location]) -> list[str]:
    return [str(location) for location in locations]


def test_everything_of_a_key() -> None:
    assert addresses(list_originals(OUTPUTS, "a b.jpg")) == ["s3://x-originals/a b.jpg"]
    assert addresses(list_made_from(OUTPUTS, "a b.jpg")) == [
        "s3://x-originals/resized/a b.jpg/",
        "s3://x-derivatives/a_20b.jpg/",
    ]


def test_everything_of_a_key_of_s3_trigger() -> None:
    key = "source-folder/a.jpg"
    assert addresses(list_originals(OUTPUTS, key)) == [
        "s3://x-originals/source-folder/a.jpg",
        "s3://x-originals/restore-folder/a.jpg",
    ]
    assert addresses(list_made_from(OUTPUTS, key)) == [
        "s3://x-originals/resized/source-folder/a.jpg/",
        "s3://x-derivatives/source-folder/a.jpg/",
        "s3://x-originals/resized/restore-folder/a.jpg/",
        "s3://x-derivatives/restore-folder/a.jpg/",
        "s3://x-destination/a.jpg",
    ]


def test_every_name_of_a_derivative_belongs() -> None:
    location = list_derivative_locations(OUTPUTS, Selection(text="a.jpg", is_prefix=False))[0]
    names = {row.name for row in ROWS if row.name}
    assert "v2.png" in names  # no option but the format
    assert [name for name in names if not location.has(f"{location.prefix}{name}")] == []


@pytest.mark.parametrize(
    ("selection", "key", "belongs"),
    [
        ("a.jpg", "resized/a.jpg/v4_w640_q80.webp", True),
        ("a.jpg", "resized/a.jpg/v12_clean", True),
        ("a.jpg", "resized/a.jpg/trace-0a1b2c3d", True),
        ("a.jpg", "resized/a.jpg/trace-0a1b2c3d.txt", False),
        ("a.jpg", "resized/a.jpg/notes.txt", False),
        ("a", "resized/a/b.jpg/v4_clean", True),
        ("a", "resized/a/b.jpg/cover.jpg", False),
    ],
)
def test_only_derivatives_belong(selection: str, key: str, *, belongs: bool) -> None:
    locations = list_derivative_locations(OUTPUTS, Selection(text=selection, is_prefix=selection == "a"))
    assert locations[0].has(key) is belongs


@pytest.mark.parametrize(
    ("variant", "text", "paths"),
    [
        ("edge_resize", "a bä%.jpg", {"/a%20b%C3%A4%25.jpg*"}),
        # The encoding of a plus in an invalidation is not certain: the path ends before it.
        ("edge_resize", "a b+c.jpg", {"/a%20b*"}),
        ("object_lambda", "cats/", {"/cats/*"}),
        ("regional_resize", "a.jpg", {"/a.jpg*"}),
        ("regional_resize", "a b.jpg", {"/a%20b.jpg*", "/a_20b.jpg*"}),
        ("regional_resize", "cats/", {"/cats/*"}),
        ("s3_trigger", "source-folder/a b.jpg", {"/a%20b.jpg*"}),
        ("s3_trigger", "source-folder/cats/", {"/cats/*"}),
        ("s3_trigger", "a.jpg", set()),
        ("s3_trigger", "*", {"/*"}),
        ("s3_trigger", "source*", {"/*"}),
    ],
)
def test_invalidation_paths(variant: str, text: str, paths: set[str]) -> None:
    assert list_invalidation_paths(OUTPUTS, variant, parse_selection(text)) == paths
