"""URLs that the real frameworks made in the last run of `invoke frameworks`, and their documentation."""

import json
import re
from html import unescape

import pytest

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION, Engine
from tools.paths import PROJECT

URLS: dict[str, list[str]] = json.loads((PROJECT / "tests/loaders/urls.json").read_text("utf-8"))
LOADERS = sorted(path for path in (PROJECT / "loaders").rglob("*.*") if path.suffix in (".mjs", ".py"))
DOCUMENT = (PROJECT / "docs/frameworks.md").read_text("utf-8")
README = (PROJECT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", URLS)
def test_the_function_accepts_every_url(page: str) -> None:
    engine = Engine(DEFAULT_CONFIGURATION)
    for url in URLS[page]:
        status, canonical = engine.canonicalise(url, "image/avif,image/webp,*/*")
        assert (status, "format=auto-avif" in canonical) == (200, True), (url, canonical)


def test_the_function_accepts_every_url_of_the_html() -> None:
    pages = re.findall(r"^```html\n(.*?)^```", README + DOCUMENT, re.DOTALL | re.MULTILINE)
    urls = re.findall(r"https://img\.example\.com(/\S+?format=auto[^\s,\"]*)", unescape("".join(pages)))
    assert len(urls) == 4 + 6
    engine = Engine(DEFAULT_CONFIGURATION)
    for url in urls:
        status, canonical = engine.canonicalise(url, "image/avif,image/webp,*/*")
        assert (status, "format=auto-avif" in canonical) == (200, True), (url, canonical)


def test_every_framework_has_urls() -> None:
    assert URLS.keys() == {"astro", "django", "next", "nuxt", "plain", "unpic"}
    assert min(map(len, URLS.values())) > 5


@pytest.mark.parametrize("loader", LOADERS, ids=lambda path: path.name)
def test_the_document_has_the_code_of_each_loader(loader: object) -> None:
    code = (PROJECT / str(loader)).read_text("utf-8")
    assert f"\n{code}```\n" in DOCUMENT


def test_the_loaders_are_found() -> None:
    assert len(LOADERS) == 6
