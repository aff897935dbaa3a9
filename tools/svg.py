"""Shapes of the plots in the documentation, as text: a few bars and lines do not justify a dependency."""

from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape


def render_svg(width: float, height: float, shapes: Iterable[str]) -> str:
    """Return a drawing of this size in pixels on a white ground."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        f'font-size="12">\n<rect width="{width}" height="{height}" fill="white"/>\n'
        + "\n".join(shapes)
        + "\n</svg>\n"
    )


def draw_text(  # noqa: PLR0913  # attributes of the element
    left: float,
    base: float,
    text: str,
    *,
    weight: str = "normal",
    anchor: str = "start",
    has_edge: bool = False,
) -> str:
    """Return a line of text.

    Args:
        left: place of the anchor from the left side, in pixels.
        base: place of the baseline from the top, in pixels.
        text: the text, not escaped.
        weight: `normal` or `bold`.
        anchor: part of the text at `left`: `start`, `middle` or `end`.
        has_edge: True for a white edge, which keeps the text readable on a line.
    """
    edge = ' paint-order="stroke" stroke="white" stroke-width="3"' if has_edge else ""
    return (
        f'<text x="{left:.1f}" y="{base:.1f}" font-weight="{weight}" text-anchor="{anchor}"{edge}>'
        f"{escape(text)}</text>"
    )


def draw_legend(base: float, colours: Mapping[str, str]) -> list[str]:
    """Return a row of names, each behind a square of its colour.

    Args:
        base: place of the baseline from the top, in pixels.
        colours: name => colour.
    """
    shapes, left = [], 10.0
    for name, colour in colours.items():
        shapes += [
            f'<rect x="{left}" y="{base - 10}" width="12" height="12" fill="{colour}"/>',
            draw_text(left + 17, base, name),
        ]
        left += 40 + 6.6 * len(name)
    return shapes
