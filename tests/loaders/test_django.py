"""The template tags, in Django's template engine."""

import html
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.template import Context, Engine

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION
from tests.functions.viewer_request.engine import Engine as ViewerRequest
from tools.paths import PROJECT

HOST = "https://img.example.com"
KEY = "cats & dogs/Kätzchen 1+1%?#.png"
ENCODED = "cats%20%26%20dogs/K%C3%A4tzchen%201%2B1%25%3F%23.png"


@pytest.fixture
def render(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Render tags in a template with the variable `key`."""
    if not settings.configured:
        settings.configure()
    monkeypatch.setattr(settings, "EDGE_IMAGES_URL", HOST, raising=False)
    monkeypatch.syspath_prepend(PROJECT / "loaders/django")
    engine = Engine(libraries={"edge_images": "edge_images"})

    def render_tags(tags: str) -> str:
        rendered: str = engine.from_string("{% load edge_images %}" + tags).render(Context({"key": KEY}))
        return rendered

    return render_tags


@pytest.mark.parametrize(
    ("tag", "url", "canonical"),
    [
        ("{% image_url 'a.jpg' %}", "/a.jpg?format=auto", "format=auto-webp"),
        ("{% image_url key width=600 %}", f"/{ENCODED}?format=auto&width=600", "format=auto-webp&width=640"),
        ("{% image_url key size='S' format='png' %}", f"/{ENCODED}?format=png&size=S", "format=png&size=S"),
        (
            "{% image_url 'a.jpg' width=640 height=320 fit='cover' gravity='0.3,0.7' %}",
            "/a.jpg?format=auto&width=640&height=320&fit=cover&gravity=0.3%2C0.7",
            "fit=cover&format=auto-webp&gravity=0.3,0.7&height=320&width=640",
        ),
    ],
)
def test_url(render: Callable[[str], str], tag: str, url: str, canonical: str) -> None:
    assert render(tag) == html.escape(HOST + url)
    assert ViewerRequest(DEFAULT_CONFIGURATION).canonicalise(url, "image/webp") == (200, canonical)


def test_the_setting_may_end_in_a_slash_as_those_of_django(
    render: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EDGE_IMAGES_URL", f"{HOST}/")
    assert render("{% image_url 'a.jpg' %}") == f"{HOST}/a.jpg?format=auto"


def test_srcset(render: Callable[[str], str]) -> None:
    srcset = html.unescape(render("{% image_srcset key quality=60 %}"))
    widths = [width for width in DEFAULT_CONFIGURATION["widths"] if width >= 256]
    assert re.split(", ", srcset) == [
        f"{HOST}/{ENCODED}?format=auto&width={width}&quality=60 {width}w" for width in widths
    ]
