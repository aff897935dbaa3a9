"""Paths of derivatives, with the rows that the JavaScript has too."""

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_url import DerivativePathError, derivative_path, encode_key, parse_derivative_path, triggered_path

from tests.vectors import DERIVATIVE_PATHS, PathRow

ROWS = [row for row in DERIVATIVE_PATHS if row.path]
REFUSED = [row for row in DERIVATIVE_PATHS if row.sentence]
NAMES = st.sampled_from(["v4_clean", "v4_info.json", "v4_w640_h400_cover_g30x70_q80.auto-avif"])
KEYS = st.text(
    st.one_of(st.sampled_from("/_~.%+ 2Faé"), st.characters(exclude_categories=["Cs"])), min_size=1
)


def _id(row: PathRow) -> str:
    return f"{row.key[:20]!a}-{len(row.key)}"


@pytest.mark.parametrize("row", ROWS, ids=_id)
def test_paths(row: PathRow) -> None:
    assert derivative_path(row.key, row.name) == row.path
    assert parse_derivative_path(row.path or "") == (row.key, row.name)


@pytest.mark.parametrize("row", REFUSED, ids=_id)
def test_paths_that_are_too_long(row: PathRow) -> None:
    with pytest.raises(DerivativePathError) as caught:
        derivative_path(row.key, row.name)
    assert str(caught.value) == row.sentence


@pytest.mark.parametrize("key", ["", "/", "a/", "a.jpg/"])
def test_keys_without_an_image(key: str) -> None:
    with pytest.raises(DerivativePathError, match="does not end with a slash"):
        derivative_path(key, "v4_clean")


@given(KEYS, NAMES)
def test_a_path_and_its_key_determine_each_other(key: str, name: str) -> None:
    try:
        path = derivative_path(key, name)
    except DerivativePathError:
        assert key.endswith("/") or len(encode_key(key)) + 1 + len(name) > 1024
        return
    assert parse_derivative_path(path) == (key, name)
    assert set(path) <= {*string.ascii_letters, *string.digits, *"-._/"}
    assert not path.startswith("/")
    assert "//" not in path


@given(st.text(st.sampled_from("a./_2FEC3B9v~"), max_size=30))
def test_no_other_path_has_the_same_key(text: str) -> None:
    path = f"{text}/v4_clean"
    try:
        key, name = parse_derivative_path(path)
    except DerivativePathError:
        return
    assert derivative_path(key, name) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "v4_clean",
        "/v4_clean",
        "/a.jpg/v4_clean",
        "a.jpg/",
        "a.jpg//v4_clean",
        "a//b.jpg/v4_clean",
        "a b.jpg/v4_clean",
        "a%20b.jpg/v4_clean",
        "a+b.jpg/v4_clean",
        "ä.jpg/v4_clean",
        "_61.jpg/v4_clean",  # a letter
        "a_2Fb.jpg/v4_clean",  # a slash after a letter
        "a/_2f_2Fb.jpg/v4_clean",  # lower case
        "a_2.jpg/v4_clean",
        "a_.jpg/v4_clean",
        "a_7e.jpg/v4_clean",
        "_C3.jpg/v4_clean",  # no UTF-8
        "_C0_AF.jpg/v4_clean",  # an overlong slash
        "_ED_A0_80.jpg/v4_clean",  # a surrogate
        "a.jpg/v4~5Fclean",
        "a~b.jpg/v4_clean",
        "a.jpg/v4_clean\n",
        f"{'a' * 1020}/v4_clean",
    ],
)
def test_other_texts_are_no_paths(path: str) -> None:
    with pytest.raises(DerivativePathError, match=re.escape("is not the path of a derivative")):
        parse_derivative_path(path)


@pytest.mark.parametrize(
    ("key", "source_prefix", "path"),
    [
        ("cat.jpg", "", "cat.jpg"),
        ("in/a/cat.jpg", "in/", "a/cat.jpg"),
        ("in/in/cat.jpg", "in/", "in/cat.jpg"),
        ("cat.jpg", "in/", None),
        ("old/cat.jpg", "", None),
        ("in/a/", "in/", None),
    ],
)
def test_the_path_of_a_derivative_that_an_upload_triggers(
    key: str, source_prefix: str, path: str | None
) -> None:
    assert triggered_path(key, source_prefix, "old/") == path
