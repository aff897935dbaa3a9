"""Invalidation paths."""

from fnmatch import fnmatchcase
from urllib.parse import unquote

import pytest
from derivatives import derivative_paths, merge_paths, viewer_path
from hypothesis import given
from hypothesis import strategies as st
from image_url import derivative_path
from sigv4 import encode_path

from tests.vectors import DERIVATIVE_PATHS

ROWS = [row for row in DERIVATIVE_PATHS if row.path]
PATHS = st.lists(st.text(st.sampled_from("ab/"), max_size=6), max_size=20)


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("photo.jpg", "/photo.jpg*"),
        ("a/IMG_1234.JPG", "/a/IMG_1234.JPG*"),
        ("a b.jpg", "/a%20b.jpg*"),
        ("größe.jpg", "/gr%C3%B6%C3%9Fe.jpg*"),
        ("50%.jpg", "/50%25.jpg*"),
        ("a[1]{2}.jpg", "/a%5B1%5D%7B2%7D.jpg*"),
        # CloudFront does not support ~, and the encoding of the others is not certain.
        ("~tom/a.jpg", "/*"),
        ("a/b~1.jpg", "/a/b*"),
        ("a/photo (1).jpg", "/a/photo%20*"),
        ("logo@2x.png", "/logo*"),
        ("a*b.jpg", "/a*"),
    ],
)
def test_the_path_of_a_viewer(key: str, path: str) -> None:
    assert viewer_path(key) == path


@pytest.mark.parametrize(
    ("key", "paths"),
    [
        ("photo.jpg", {"/photo.jpg*"}),
        ("a/b.jpg", {"/a/b.jpg*"}),
        ("IMG_1.jpg", {"/IMG_1.jpg*", "/IMG_5F1.jpg*"}),
        ("a b.jpg", {"/a%20b.jpg*", "/a_20b.jpg*"}),
        ("logo@2x.png", {"/logo*"}),
    ],
)
def test_the_paths_of_derivatives(key: str, paths: set[str]) -> None:
    assert derivative_paths(key) == paths


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.key[:20]!a}")
def test_every_copy_is_covered(row: tuple[str, str]) -> None:
    key, name = row[:2]
    paths = derivative_paths(key)
    assert all(path.endswith("*") and path.count("*") == 1 and "~" not in path for path in paths)
    for uri in (f"/{encode_path(key)}", f"/{derivative_path(key, name)}"):
        assert any(uri.startswith(path[:-1]) for path in paths)
    assert f"/{encode_path(key)}?width=640&format=auto".startswith(viewer_path(key)[:-1])


def test_folders_take_the_place_of_many_paths() -> None:
    paths = {f"/a/b/{number}.jpg*" for number in range(3)} | {"/a/c.jpg*", "/d.jpg*"}
    assert merge_paths(paths, 5) == paths
    assert merge_paths(paths, 4) == {"/a/b/*", "/a/c.jpg*", "/d.jpg*"}
    assert merge_paths(paths, 2) == {"/a/*", "/d.jpg*"}
    assert merge_paths(paths, 1) == {"/*"}
    assert merge_paths([], 1) == frozenset()


def test_cloudfront_accepts_fifteen_wildcards_at_a_time() -> None:
    paths = {f"/a/{number}.jpg*" for number in range(15)}
    assert merge_paths(paths) == paths
    assert merge_paths({*paths, "/a/15.jpg*"}) == {"/a/*"}


def test_a_path_covers_all_that_begin_alike() -> None:
    """Each path costs money."""
    assert merge_paths({"/a*", "/b*", "/ba.jpg*", "/bab.jpg*"}, 4) == {"/a*", "/b*"}


@given(PATHS, st.integers(1, 4))
def test_merged_paths_cover_all(texts: list[str], limit: int) -> None:
    paths = [f"/{text}*" for text in texts]
    merged = merge_paths(paths, limit)
    assert len(merged) <= limit
    assert all(any(fnmatchcase(path[:-1], one) for one in merged) for path in paths)
    assert not any(one != other and fnmatchcase(one[:-1], other) for one in merged for other in merged)


def test_the_encoding_is_that_of_a_viewer() -> None:
    assert unquote(viewer_path("größe/a b.jpg")[:-1]) == "/größe/a b.jpg"
