"""Images that a browser chose and received, their check, and their table."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image

WIDTHS = (16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840)
"""Default of the Terraform variable image_urls.widths."""

# The largest candidate of a srcset may be smaller than a large screen needs.
_MIN_PIXELS_PER_NEEDED = 0.7
# The smallest default width of Next.js, unpic and Astro for fluid images is 640; a phone at 1x needs 360.
_MAX_PIXELS_PER_NEEDED = 2.0
_MODERN = {"image/avif": "AVIF", "image/webp": "WEBP"}
_CANDIDATE = re.compile(r"(\S+)\s+([\d.]+)([wx])(?:,|$)")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An image of a srcset: path and query of its URL, and its descriptor."""

    path: str
    descriptor: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An image that the browser chose.

    Attributes:
        page: name of the page.
        image: ID of the element.
        viewport: width of the window in CSS pixels.
        ratio: device pixel ratio.
        slot: width of the element in CSS pixels.
        candidates: the srcset, or the only URL.
        path: path and query of the chosen URL.
        original: width and height of the upright original in pixels.
        is_decoded: True if the browser decoded the image.
        received: content type, width and height of the received image; None without one.
    """

    page: str
    image: str
    viewport: int
    ratio: int
    slot: float
    candidates: tuple[Candidate, ...]
    path: str
    original: tuple[int, int]
    is_decoded: bool
    received: tuple[str, int, int] | None

    @property
    def needed(self) -> float:
        """Width of the element in device pixels."""
        return self.slot * self.ratio

    @property
    def intended(self) -> tuple[int, int | None]:
        """Width and height in pixels that docs/urls.md defines for the URL; no height without fit=cover."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        ratio = float(query.get("dpr", 1))
        asked = int(query.get("width") or query["w"]) * ratio
        listed = next((width for width in WIDTHS if width >= asked), WIDTHS[-1])
        if query.get("fit") in ("cover", "crop", "min"):
            height = round(int(query.get("height") or query["h"]) * ratio * listed / asked)
            shrink = min(1, self.original[0] / listed, self.original[1] / height)
            return round(listed * shrink), round(height * shrink)
        return min(listed, self.original[0]), None


def read_choices(output: str, folder: Path, originals: Mapping[str, Path]) -> list[Choice]:
    """Read the output of browser.mjs, and decode the images that the browser received.

    Args:
        output: JSON.
        folder: folder of the received images.
        originals: key => file.
    """
    sizes = {key: _upright_size(path) for key, path in originals.items()}
    return [
        Choice(
            page=row["page"],
            image=row["id"],
            viewport=row["viewport"],
            ratio=row["ratio"],
            slot=row["slot"],
            candidates=_parse_srcset(row["srcset"]) or (Candidate(path=_path(row["url"]), descriptor="1x"),),
            path=_path(row["url"]),
            original=sizes[unquote(urlsplit(row["url"]).path).removeprefix("/")],
            is_decoded=row["decoded"],
            received=_decode(folder / row["file"], row["type"]) if row.get("status") == 200 else None,  # noqa: PLR2004
        )
        for row in json.loads(output)
    ]


def check_choices(choices: Iterable[Choice]) -> Iterator[str]:
    """Yield a sentence for each image that is missing, broken, in an old format, or of another size."""
    for choice in choices:
        where = f"{choice.page}, {choice.image}, {choice.viewport} px at {choice.ratio}x"
        if problem := _find_problem(choice):
            yield f"{where}: {problem} ({choice.path})"


def render_table(choices: Iterable[Choice], versions: Mapping[str, str]) -> str:
    """Render the needed and the received width of each image in each window as Markdown."""
    rows: dict[tuple[str, str], list[Choice]] = {}
    for choice in choices:
        rows.setdefault((choice.page, choice.image), []).append(choice)
    windows = [f"{each.viewport} at {each.ratio}x" for each in next(iter(rows.values()))]
    lines = [
        f"Versions: {', '.join(f'{name} {version}' for name, version in versions.items())}.",
        "",
        f"| page | image | {' | '.join(windows)} |",
        f"|---|---|{'---|' * len(windows)}",
        *(f"| {page} | {image} | {' | '.join(map(_cell, row))} |" for (page, image), row in rows.items()),
    ]
    return "\n".join(lines)


def _find_problem(choice: Choice) -> str | None:
    if choice.received is None or not choice.is_decoded:
        return "the browser has received no image that it can decode"
    content_type, width, height = choice.received
    if content_type not in _MODERN:
        return f"received {content_type}"
    intended_width, intended_height = choice.intended
    if width != intended_width or intended_height not in (None, height):
        return f"received {width}x{height} instead of {intended_width}x{intended_height or '...'}"
    ratio = width / choice.needed
    if not _MIN_PIXELS_PER_NEEDED <= ratio <= _MAX_PIXELS_PER_NEEDED and width < choice.original[0]:
        return f"received {width} pixels for {choice.needed:.0f}"
    return None


def _cell(choice: Choice) -> str:
    if choice.received is None:
        return "failed"
    content_type, width, _ = choice.received
    return f"{choice.needed:.0f} → {width} {content_type.removeprefix('image/')}"


def _parse_srcset(srcset: str) -> tuple[Candidate, ...]:
    matches = _CANDIDATE.finditer(srcset)
    return tuple(Candidate(path=_path(match[1]), descriptor=match[2] + match[3]) for match in matches)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _decode(path: Path, content_type: str) -> tuple[str, int, int]:
    with Image.open(path) as image:
        image.load()
        if image.format != _MODERN.get(content_type, image.format):
            return f"{image.format} as {content_type}", *image.size
        return content_type, *image.size


def _upright_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        width, height = image.size
        lies = image.getexif().get(0x0112, 1) >= 5  # noqa: PLR2004  EXIF orientations 5 to 8 swap the sides
        return (height, width) if lies else (width, height)
