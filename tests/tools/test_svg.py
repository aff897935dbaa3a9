"""Shapes, parsed as a browser does."""

from xml.etree import ElementTree as ET

from tools.svg import draw_legend, draw_text, render_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_a_drawing_is_xml_with_its_texts() -> None:
    shapes = [draw_text(1, 2, "S3 & <CloudFront>"), *draw_legend(20, {"a": "#111111", "b": "#222222"})]
    root = ET.fromstring(render_svg(100, 50, shapes))  # noqa: S314  our own text
    assert root.get("viewBox") == "0 0 100 50"
    assert [text.text for text in root.iter(f"{SVG}text")] == ["S3 & <CloudFront>", "a", "b"]
    assert [square.get("fill") for square in root.iter(f"{SVG}rect")] == ["white", "#111111", "#222222"]


def test_only_text_on_a_line_has_an_edge() -> None:
    assert "stroke" not in draw_text(1, 2, "a")
    assert 'stroke="white"' in draw_text(1, 2, "a", has_edge=True)
