"""The page of the playground in Chromium: every control, an upload, errors, windows and accessibility."""

import io
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image

from tests.local.playground.browser import CHROMIUM, Browser
from tests.local.viewer import Viewer
from tools.local.stack import Stack
from tools.paths import SAMPLES

pytestmark = [
    pytest.mark.xdist_group("stack"),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium, which .ci/run installs"),
]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
KEY = "cat.jpg"
SMALL = "forty-pixels.png"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
# The share of the window that may move without input; https://web.dev/articles/cls calls 0.1 good.
MAX_LAYOUT_SHIFT = 0.01
# The list of steps is empty until the first response. When that comes decides whether its growth counts.
EMPTY_STEPS_HEIGHT = """
((steps) => {
  const items = [...steps.children];
  steps.replaceChildren();
  const height = steps.offsetHeight;
  steps.append(...items);
  return height;
})(document.querySelector('#way'))
"""
# A shift in the half second after an input does not count: responses are slower here.
RESPONSE_MILLISECONDS = 700


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("chromium")) as started:
        yield started


@pytest.fixture(scope="module")
def opened(browser: Browser, page: Viewer) -> Browser:
    """The page in a desktop window, with a small image."""
    open_page(browser, page, DESKTOP)
    return browser


@pytest.fixture
def playground(opened: Browser) -> Browser:
    """The page with all options reset."""
    opened.select("#key", KEY)
    opened.click("#reset")
    wait_for(opened, "format=auto")
    return opened


def open_page(browser: Browser, page: Viewer, window: dict[str, int], *, dark: bool = False) -> None:
    browser.open(f"{page.url}/", width=window["width"], height=window["height"], dark=dark)
    browser.wait_until("document.documentElement.dataset.ready")


def wait_for(browser: Browser, query: str, key: str = KEY) -> None:
    """Wait until the page shows the response to a query."""
    shown = json.dumps(f"edge_resize /{key}?{query}")
    browser.wait_until(f"document.querySelector('#stage').dataset.shown === {shown}")


def tile(browser: Browser, name: str) -> str:
    """Return value and note of a tile, with x as the sign of multiplication."""
    texts = browser.evaluate("[...document.querySelectorAll('#tiles div')].map((tile) => tile.innerText)")
    text = next(text.partition("\n")[2] for text in texts if text.startswith(name))
    return str(text).replace(" \N{MULTIPLICATION SIGN} ", "x")


@pytest.mark.parametrize(
    ("action", "query", "pixels"),
    [
        (
            ("click", "#presets button:nth-child(1)"),
            "width=128&height=128&fit=cover&format=auto",
            "128x128",
        ),
        (("click", "#presets button:nth-child(5)"), "width=640&dpr=2&format=auto", "640x427"),
        (("select", "#size", "SS"), "size=SS&format=auto", "360x240"),
        (("fill", "#width", "250"), "width=250&format=auto", "256x171"),
        (("fill", "#height", "128"), "height=128&format=auto", "192x128"),
        (("select", "#width-range", "6"), "width=256&format=auto", "256x171"),
        (("click", "#format [value=png]"), "format=png", "640x427"),
        (("click", "#format [value=original]"), "", "640x427"),
        (("select", "#quality", "40"), "format=auto&quality=40", "640x427"),
        (("click", "#focal", 0.25, 0.5), "width=640&height=640&fit=cover&gravity=", "427x427"),
        (
            ("select", "#focal-x", "10"),
            "width=640&height=640&fit=cover&gravity=0.1,0.5&format=auto",
            "427x427",
        ),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else None,
)
def test_a_control(playground: Browser, action: tuple[str, ...], query: str, pixels: str) -> None:
    name, *arguments = action
    getattr(playground, name)(*arguments)
    playground.wait_until(f"document.querySelector('#stage').dataset.shown.includes({json.dumps(query)})")
    playground.wait_until("!document.querySelector('#stage').classList.contains('loading')")
    assert tile(playground, "Pixels").startswith(pixels)
    assert playground.evaluate("document.querySelector('#query').value").startswith(query)


def test_fit_and_device_pixel_ratio(playground: Browser) -> None:
    playground.fill("#width", "128")
    playground.fill("#height", "64")
    for fit, pixels in {
        "inside": "96x64",
        "cover": "128x64",
        "contain": "128x64",
        "fill": "128x64",
    }.items():
        playground.click(f"#fit [value={fit}]")
        wait_for(playground, f"width=128&height=64&{'' if fit == 'inside' else f'fit={fit}&'}format=auto")
        assert tile(playground, "Pixels").startswith(pixels)
    playground.click("#dpr [value='3']")
    wait_for(playground, "width=128&height=64&dpr=3&fit=fill&format=auto")
    assert tile(playground, "Pixels").startswith("384x192")
    assert "/cat.jpg?fit=fill&format=auto-avif&height=192&width=384" in playground.text(".canonical")


def test_the_browser_decides_about_the_format(playground: Browser) -> None:
    found = []
    for number in range(3):
        playground.evaluate("delete document.querySelector('#stage').dataset.shown")
        value = playground.evaluate(f"document.querySelectorAll('#accept option')[{number}].value")
        playground.select("#accept", value)
        wait_for(playground, "format=auto")
        found.append(tile(playground, "Type").partition("\n")[0])
    assert found[1:] == ["WebP", "JPEG"]
    playground.select("#accept", playground.evaluate("document.querySelector('#accept').options[0].value"))


def test_facts_cache_and_way(playground: Browser) -> None:
    playground.click("#format [value=json]")
    wait_for(playground, "format=json")
    assert '"thumbhash"' in playground.text("#failure")
    playground.fill("#width", "96")
    playground.click("#format [value=webp]")
    wait_for(playground, "width=96&format=webp")
    assert "0.00" not in tile(playground, "Size")
    for button, expected in (("#again", "Hit"), ("#invalidate", "Miss")):
        playground.evaluate("delete document.querySelector('#stage').dataset.shown")
        playground.click(button)
        wait_for(playground, "width=96&format=webp")
        assert tile(playground, "X-Cache").startswith(expected)
    assert tile(playground, "Function").startswith("edge_resize")
    way = playground.evaluate("[...document.querySelectorAll('#way h3')].map((title) => title.textContent)")
    assert way == ["Viewer function", "Edge cache", "Lambda@Edge", "S3", "Viewer"]


def test_the_variants(playground: Browser, stack: Stack) -> None:
    playground.fill("#width", "64")
    wait_for(playground, "width=64&format=auto")
    playground.click("#variants [value=regional_resize]")
    shown = "regional_resize /cat.jpg?width=64&format=auto"
    playground.wait_until(f"document.querySelector('#stage').dataset.shown === '{shown}'")
    assert tile(playground, "Pixels").startswith("64x43")
    assert "/cat.jpg/" in playground.text("#canonical")
    playground.click("#tab-variants")
    playground.wait_until("!document.querySelector('#page-variants').innerText.includes('…')")
    rows = playground.evaluate(
        "[...document.querySelectorAll('#page-variants tbody tr')].map((r) => r.innerText)"
    )
    assert len(rows) == len(stack.edge_urls)
    assert all("200 OK" in row for row in rows)
    playground.click("#variants [value=edge_resize]")


def test_the_tabs(playground: Browser) -> None:
    playground.click("#tab-snippets")
    snippets = playground.evaluate(
        "[...document.querySelectorAll('#page-snippets h3')].map((h) => h.textContent)"
    )
    assert [name.split()[0] for name in snippets] == [
        "img",
        "picture",
        "next/image",
        "Nuxt",
        "Astro",
        "Terraform",
    ]
    playground.press("ArrowRight", 39)
    playground.evaluate("document.querySelector('#tab-snippets').focus()")
    playground.press("ArrowRight", 39)
    assert playground.evaluate("document.activeElement.id") == "tab-metadata"
    playground.click("#tab-headers")
    assert "X-Cache" in playground.text("#page-headers")
    playground.click("#tab-variants")
    playground.wait_until("document.querySelector('#page-variants').innerText.includes('200 OK')")


def test_all_formats_and_widths(playground: Browser, stack: Stack) -> None:
    body = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(body, "png")
    stack.s3.put_object(Bucket=stack.outputs["bucket_name"], Key=SMALL, Body=body.getvalue())
    playground.evaluate(f"document.querySelector('#key').add(new Option('{SMALL}'))")
    playground.select("#key", SMALL)
    wait_for(playground, "format=auto", SMALL)
    playground.click("#tab-sheet")
    playground.click("#page-sheet button")
    playground.wait_until(
        "document.querySelector('#page-sheet [role=status]').innerText.includes('15 of 15')"
    )
    assert playground.evaluate("document.querySelectorAll('#page-sheet tbody img').length") == 15
    assert playground.evaluate("document.querySelectorAll('#page-sheet tr:has(.best)').length") == 3


def test_the_copied_code_is_valid_and_works(playground: Browser) -> None:
    playground.click("#tab-snippets")
    code = playground.text("#page-snippets pre")
    loaded = playground.evaluate(
        "new Promise((resolve) => { const page = new DOMParser().parseFromString("
        f"{json.dumps(code)}, 'text/html'); resolve(page.querySelector('img').srcset); }})"
    )
    urls = [candidate.split()[0] for candidate in re.split(r",\s+", loaded)]
    assert len(urls) >= 2
    for url in urls:
        origin, path = url[: url.index("/", 8)], url[url.index("/", 8) :]
        assert Viewer(url=origin).request(path).status == 200


def test_the_slider(playground: Browser) -> None:
    playground.evaluate("document.querySelector('#slider').focus()")
    playground.press("ArrowRight", 39)
    assert playground.evaluate("document.querySelector('#stage').style.getPropertyValue('--split')") == "51%"


def test_errors_are_shown_as_a_viewer_gets_them(playground: Browser) -> None:
    playground.fill("#query", "width=abc")
    playground.press("Enter", 13, "\r")
    wait_for(playground, "width=abc")
    assert playground.text("#failure") == (
        "400 Bad Request\nThe parameter width must be a whole number from 1 to 16383."
    )
    playground.select("#key", "broken/truncated.jpg")
    wait_for(playground, "format=auto", "broken/truncated.jpg")
    assert playground.text("#failure").startswith("415 ")
    assert tile(playground, "Type").endswith("HTTP 415")


def test_an_upload(playground: Browser, tmp_path: Path) -> None:
    file = tmp_path / "my holiday.png"
    file.write_bytes((SAMPLES / "cat.png").read_bytes())
    playground.choose_file("#file", file)
    playground.wait_until(
        "document.querySelector('#upload-status').innerText.includes('uploads/my-holiday-')"
    )
    key = playground.evaluate("document.querySelector('#key').value")
    wait_for(playground, "format=auto", key)
    assert tile(playground, "Size").partition(",")[0].endswith("%")
    text = tmp_path / "notes.jpg"
    text.write_text("no image")
    before = list(playground.problems)
    playground.choose_file("#file", text)
    playground.wait_until("document.querySelector('#upload-status').className === 'bad'")
    assert "notes.jpg is not an image" in playground.text("#upload-status")
    playground.problems[:] = before  # the browser reports the refusal


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_accessibility_and_layout(
    browser: Browser, page: Viewer, window: dict[str, int], *, dark: bool
) -> None:
    browser.problems.clear()
    with browser.slow_network(RESPONSE_MILLISECONDS):
        open_page(browser, page, window, dark=dark)
        for tab in ("sheet", "variants"):
            browser.click(f"#tab-{tab}")
        browser.wait_until(
            "((variants) => variants.innerText.includes('200 OK') && !variants.innerText.includes('…')"
            " && [...variants.querySelectorAll('img')].every((image) => image.complete))"
            "(document.querySelector('#page-variants'))"
        )
    # The browser reports a shift after the frame that shows it.
    browser.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert browser.evaluate(EMPTY_STEPS_HEIGHT) == browser.evaluate(
        "document.querySelector('#way').offsetHeight"
    )
    # Before the panels are shown together, which moves those that are below.
    assert browser.evaluate("shifts.reduce((sum, [value]) => sum + value, 0)") < MAX_LAYOUT_SHIFT
    browser.evaluate(
        "document.querySelectorAll('[role=tabpanel]').forEach((panel) => (panel.hidden = false))"
    )
    browser.evaluate(AXE + "; 0")
    violations = browser.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then(({ violations }) =>"
        " violations.map(({ id, nodes }) => [id, nodes.map(({ html, any }) => [html, any[0]?.message])]))"
    )
    assert violations == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= window["width"]
    assert browser.problems == []
