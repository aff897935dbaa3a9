"""Run the pages of all frameworks in Chromium against the local stack."""

import json
import shutil
import tempfile
from pathlib import Path

from tools.console import ToolError, step
from tools.docs import replace_block
from tools.frameworks.pages import (
    FOLDER,
    PACKAGES,
    WORK,
    build_pages,
    find_node,
    install_packages,
    serve_pages,
)
from tools.frameworks.report import Choice, check_choices, read_choices, render_table
from tools.local import StackOptions
from tools.local.stack import Stack
from tools.paths import PROJECT, SAMPLES
from tools.process import CommandError, run

DOCUMENT = PROJECT / "docs/frameworks.md"
URLS = PROJECT / "tests/loaders/urls.json"
"""URLs that the frameworks made, for the tests of the viewer-request function."""
IMAGES = {
    "sunset.jpg": "sunset.jpg",
    "wine-tall.jpg": "wine-tall.jpg",
    "cats & dogs/Kätzchen 1+1%.png": "cat.png",
}
"""Keys of the originals in the pages, and their samples."""

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PACKAGES = ("next", "nuxt", "@nuxt/image", "astro", "unpic", "@unpic/react")


def test_frameworks() -> None:
    """Build the pages, open them in Chromium, and write the table of `docs/frameworks.md`.

    Raises:
        ToolError: a requirement is missing, or a browser received an image that was not intended.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if not browser:
        raise ToolError("Chromium is not installed: on Debian, apt-get install chromium.")
    install_packages()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for key, sample in IMAGES.items():
            (folder / "images" / key).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(SAMPLES / sample, folder / "images" / key)
        with Stack(StackOptions(folder=folder / "stack", images=folder / "images")) as stack:
            choices = _browse(browser, stack.edge_url)
    print(f"Screenshots: {WORK.relative_to(PROJECT)}/*.png")
    if problems := list(check_choices(choices)):
        raise ToolError("\n".join(problems))
    URLS.write_text(render_urls(choices), encoding="utf-8")
    table = render_table(choices, _versions(browser))
    page = replace_block(DOCUMENT.read_text("utf-8"), "frameworks", table, "docs/frameworks.md")
    DOCUMENT.write_text(page, encoding="utf-8")


def render_urls(choices: list[Choice]) -> str:
    """Return JSON with the paths and queries of all candidates of each image, by page."""
    urls: dict[str, set[str]] = {}
    for choice in choices:
        urls.setdefault(choice.page, set()).update(candidate.path for candidate in choice.candidates)
    lists = {page: sorted(paths) for page, paths in urls.items()}
    return json.dumps(lists, indent=2, ensure_ascii=False) + "\n"


def _browse(browser: str, edge_url: str) -> list[Choice]:
    folders = build_pages(edge_url)
    with serve_pages(folders) as urls, step(f"open {len(urls)} pages in six windows"):
        pages = [f"{name}={url}" for name, url in urls.items()]
        try:
            output = run([find_node(), FOLDER / "browser.mjs", browser, WORK, *pages], cwd=FOLDER)
        except CommandError as error:
            raise ToolError(f"The browser failed: {error.words}") from error
    originals = {key: SAMPLES / sample for key, sample in IMAGES.items()}
    return read_choices(output, WORK, originals)


def _versions(browser: str) -> dict[str, str]:
    manifests = {
        name: json.loads((PACKAGES / name / "package.json").read_text("utf-8")) for name in _PACKAGES
    }
    versions = {name: manifest["version"] for name, manifest in manifests.items()}
    from django import get_version  # noqa: PLC0415  only this task needs Django

    chromium = run([browser, "--version", "--no-sandbox"]).split()[1]
    return versions | {"Django": get_version(), "Chromium": chromium}
