"""The check of what a browser chose, and the table."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from tools.frameworks.report import (
    WIDTHS,
    Candidate,
    Choice,
    check_choices,
    read_choices,
    render_table,
)
from tools.frameworks.run import render_urls
from tools.paths import SAMPLES, TERRAFORM

CHOICE = Choice(
    page="next",
    image="fluid",
    viewport=360,
    ratio=2,
    slot=360.0,
    candidates=(Candidate(path="/a.jpg?width=750", descriptor="750w"),),
    path="/a.jpg?width=750",
    original=(4272, 2848),
    is_decoded=True,
    received=("image/avif", 750, 500),
)
SQUARE = replace(CHOICE, slot=300, path="/a.jpg?w=600&h=300&fit=crop", received=("image/webp", 640, 320))


def test_the_widths_are_the_default_of_terraform() -> None:
    text = (TERRAFORM / "modules" / "edge_images" / "variables.tf").read_text("utf-8")
    assert f"widths      = optional(set(number), [{', '.join(map(str, WIDTHS))}])" in text


@pytest.mark.parametrize(
    "choice",
    [
        CHOICE,
        SQUARE,
        replace(CHOICE, received=("image/webp", 750, 500)),
        replace(SQUARE, path="/a.jpg?w=300&h=150&dpr=2&fit=crop"),
        replace(CHOICE, original=(451, 300), received=("image/webp", 451, 300)),
        replace(SQUARE, original=(320, 320), received=("image/webp", 320, 160)),
        replace(CHOICE, slot=1440, path="/a.jpg?width=5120", received=("image/avif", 3840, 2560)),
    ],
)
def test_intended_images(choice: Choice) -> None:
    assert list(check_choices([choice])) == []


@pytest.mark.parametrize(
    ("choice", "problem"),
    [
        (replace(CHOICE, received=None), "no image that it can decode"),
        (replace(CHOICE, is_decoded=False), "no image that it can decode"),
        (replace(CHOICE, received=("image/jpeg", 750, 500)), "received image/jpeg"),
        (replace(CHOICE, received=("PNG as image/webp", 750, 500)), "received PNG as image/webp"),
        (replace(CHOICE, received=("image/avif", 828, 552)), "received 828x552 instead of 750x..."),
        (replace(SQUARE, received=("image/avif", 640, 427)), "received 640x427 instead of 640x320"),
        (replace(CHOICE, slot=1000), "received 750 pixels for 2000"),
        (replace(CHOICE, slot=100), "received 750 pixels for 200"),
    ],
)
def test_problems(choice: Choice, problem: str) -> None:
    (sentence,) = check_choices([choice])
    assert sentence.startswith("next, fluid, 360 px at 2x: ")
    assert problem in sentence


def test_choices_from_the_output_of_the_browser(tmp_path: Path) -> None:
    with Image.open(SAMPLES / "cat.png") as cat:
        cat.save(tmp_path / "cat.bin", "WEBP")
    row = {
        "page": "nuxt",
        "id": "fixed",
        "viewport": 820,
        "ratio": 1,
        "file": "cat.bin",
        "decoded": True,
        "url": "http://127.0.0.1:1/K%C3%A4tz%20chen.jpg?width=150&gravity=0.3,0.7",
        "srcset": "http://h/a.jpg?gravity=0.3,0.7&width=150 1x, http://h/a.jpg?width=300 1.5x",
        "slot": 150,
        "status": 200,
        "type": "image/webp",
    }
    originals = {"Kätz chen.jpg": SAMPLES / "wine-tall.jpg"}
    good, lying, missing, single = read_choices(
        json.dumps(
            [row, row | {"type": "image/avif"}, row | {"status": 404}, row | {"srcset": "", "status": None}]
        ),
        tmp_path,
        originals,
    )
    assert good.received == ("image/webp", 451, 300)
    assert good.original == (1707, 2558)
    assert good.path == "/K%C3%A4tz%20chen.jpg?width=150&gravity=0.3,0.7"
    assert [each.descriptor for each in good.candidates] == ["1x", "1.5x"]
    assert lying.received == ("WEBP as image/avif", 451, 300)
    assert missing.received is None
    assert [each.path for each in single.candidates] == [good.path]
    assert json.loads(render_urls([good])) == {
        "nuxt": ["/a.jpg?gravity=0.3,0.7&width=150", "/a.jpg?width=300"]
    }


def test_the_table() -> None:
    broken = replace(CHOICE, viewport=820, received=None)
    table = render_table([CHOICE, broken], {"next": "16.0.0"})
    assert table.splitlines()[-1] == "| next | fluid | 720 → 750 avif | failed |"
