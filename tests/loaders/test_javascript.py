"""The loaders in Node.js: the URLs that they make, and what the viewer-request function makes of these."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION, Engine
from tools.process import run

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(not NODE, reason="Node.js is not installed")

HOST = "https://img.example.com"
KEY = "/cats%20%26%20dogs/K%C3%A4tzchen%201+1%25.png"
ASTRO = {"service": {"config": {"baseURL": HOST}}}


def nuxt(src: str, **modifiers: Any) -> tuple[str, list[Any]]:
    return "nuxt.mjs", [src, {"modifiers": modifiers, "baseURL": HOST}]


def astro(src: str, **options: Any) -> tuple[str, list[Any]]:
    return "astro.mjs", [{"src": src, **options}, ASTRO]


def unpic(src: str, **operations: Any) -> tuple[str, list[Any]]:
    return "unpic.mjs", [HOST + src, operations]


ROWS = [
    # call, URL without host, canonical query
    (
        ("next.mjs", [{"src": "/a.jpg", "width": 640}]),
        "/a.jpg?width=640&format=auto",
        "format=auto-avif&width=640",
    ),
    (
        ("next.mjs", [{"src": "/a.jpg", "width": 640, "quality": 60}]),
        "/a.jpg?width=640&format=auto&quality=60",
        "format=auto-avif&quality=60&width=640",
    ),
    (
        ("next.mjs", [{"src": "/ü ber.jpg?gravity=north", "width": 48}]),
        "/%C3%BC%20ber.jpg?gravity=north&width=48&format=auto",
        "format=auto-avif&width=48",
    ),
    (
        ("next.mjs", [{"src": KEY, "width": 640}]),
        f"{KEY}?width=640&format=auto",
        "format=auto-avif&width=640",
    ),
    (nuxt("/a.jpg", width=600), "/a.jpg?width=600&format=auto", "format=auto-avif&width=640"),
    (nuxt("/a.jpg", width=600, height=300), "/a.jpg?width=600&format=auto", "format=auto-avif&width=640"),
    (
        nuxt("/a.jpg", width=600, height=300, fit="cover", gravity="north", quality=60),
        "/a.jpg?width=600&height=300&fit=cover&format=auto&quality=60&gravity=north",
        "fit=cover&format=auto-avif&gravity=0.5,0&height=320&quality=60&width=640",
    ),
    (nuxt(KEY, width=600, format="webp"), f"{KEY}?width=600&format=webp", "format=webp&width=640"),
    (nuxt("/a.jpg"), "/a.jpg?format=auto", "format=auto-avif"),
    (
        astro("/a.jpg", width=1200, height=600),
        "/a.jpg?width=1200&format=auto",
        "format=auto-avif&width=1200",
    ),
    (
        astro("/a.jpg", width=640, height=320, fit="cover", quality="mid"),
        "/a.jpg?width=640&height=320&fit=cover&format=auto&quality=50",
        "fit=cover&format=auto-avif&height=320&quality=60&width=640",
    ),
    (
        astro("/a.jpg", width=640, height=320, fit="cover", **{"data-astro-image": "constrained"}),
        "/a.jpg?width=640&format=auto",
        "format=auto-avif&width=640",
    ),
    (
        astro(KEY, width=640, format="avif", quality=90),
        f"{KEY}?width=640&format=avif&quality=90",
        "format=avif&quality=90&width=640",
    ),
    (unpic("/a.jpg", width=640, height=320), "/a.jpg?width=640&format=auto", "format=auto-avif&width=640"),
    (
        unpic(KEY, width=640, height=320, fit="cover", format="webp", quality=60),
        f"{KEY}?width=640&height=320&fit=cover&format=webp&quality=60",
        "fit=cover&format=webp&height=320&quality=60&width=640",
    ),
    (
        ("srcset.mjs", [f"{HOST}/a.jpg?gravity=north", [640]]),
        "/a.jpg?gravity=north&width=640&format=auto 640w",
        "format=auto-avif&width=640",
    ),
]


def call(*calls: tuple[str, list[Any]]) -> list[str]:
    """Return the results of loaders in one process."""
    script = Path(__file__).with_name("loaders.mjs")
    environment = {"PATH": os.environ["PATH"], "NEXT_PUBLIC_IMAGES_URL": HOST}
    results: list[str] = json.loads(run([str(NODE), script, json.dumps(calls)], environment=environment))
    return results


def test_urls() -> None:
    urls = [url.removeprefix(HOST) for url in call(*(row[0] for row in ROWS))]
    assert urls == [row[1] for row in ROWS]


@pytest.mark.parametrize(("url", "canonical"), [(row[1].split(" ")[0], row[2]) for row in ROWS])
def test_the_canonical_query(url: str, canonical: str) -> None:
    engine = Engine(DEFAULT_CONFIGURATION)
    assert engine.canonicalise(url, "image/avif,image/webp,*/*") == (200, canonical)


@pytest.mark.parametrize("url", [row[1].split(" ")[0] for row in ROWS])
def test_only_urls_with_a_fit_need_a_signature(url: str) -> None:
    engine = Engine({**DEFAULT_CONFIGURATION, "signed_urls": "unlisted"})
    status, _ = engine.canonicalise(url)
    assert status == (403 if "fit=" in url else 200)


def test_srcset() -> None:
    (two, default) = call(("srcset.mjs", [f"{HOST}{KEY}", [48, 64]]), ("srcset.mjs", [f"{HOST}/a.jpg"]))
    first = f"{HOST}{KEY}?width=48&format=auto 48w"
    assert two == f"{first}, {first.replace('48', '64')}"
    widths = [int(each.rpartition(" ")[2].removesuffix("w")) for each in default.split(", ")]
    assert widths == [width for width in DEFAULT_CONFIGURATION["widths"] if width >= 256]


def test_imported_images_of_astro_keep_their_url() -> None:
    imported = {"src": {"src": "/_astro/tom.abc.jpg", "width": 600, "height": 300}}
    assert call(("astro.mjs", [imported, ASTRO])) == ["/_astro/tom.abc.jpg"]
