"""Paths and headers of requests, whatever a caller sends."""

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from derivation import PermanentError
from hypothesis import given
from hypothesis import strategies as st
from image_core import OUTPUT_VERSION
from image_url import derivative_path
from regional_resize.requests import make_plan, parse_request
from regional_resize.settings import Settings

SETTINGS = Settings(bucket_name="images", derivatives_bucket_name="derived", region="eu-west-1")
NAME = f"v{OUTPUT_VERSION}_clean"


def event(path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {"requestContext": {"http": {"method": "GET"}}, "rawPath": path, "headers": headers or {}}


@given(st.text(max_size=40), st.sampled_from(["", ".jpg", f"/{NAME}", f".jpg/{NAME}"]))
def test_any_path_is_a_derivative_or_a_missing_image(text: str, end: str) -> None:
    path = parse_request(event(f"/{text}{end}")).path
    refused: list[PermanentError] = []
    try:
        plan = make_plan(path, SETTINGS)
    except PermanentError as error:
        refused.append(error)
    if refused:
        assert [(error.status, error.code) for error in refused] == [(404, "NoSuchKey")]
        return
    assert plan.derivative_key == path == derivative_path(plan.original_key, plan.name)
    assert plan.original_key.endswith(".jpg")


@given(st.one_of(st.text(st.sampled_from("/\\.:@?#ae \t\n"), max_size=12), st.text(max_size=20)))
def test_a_redirect_never_leaves_the_host(url: str) -> None:
    found = parse_request(event("/a", {"x-viewer-url": url})).viewer_url
    if found is None:
        return
    assert found == url
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found
    # Browsers read a backslash as a slash (WHATWG URL standard, "relative slash state").
    for read in (found, found.replace("\\", "/")):
        assert urlsplit(urljoin("https://img.example.com/x/y", read)).netloc == "img.example.com"


@pytest.mark.parametrize("url", ["/", "/a.jpg", "/a//b.jpg?x=//y", "/%2Fa.jpg?w=1&x=a%20b", "/?a"])
def test_urls_on_the_same_host(url: str) -> None:
    assert parse_request(event("/a", {"x-viewer-url": url})).viewer_url == url
