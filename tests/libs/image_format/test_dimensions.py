"""How large images are, without decoding them."""

from pathlib import Path

import pytest
from image_format import NotAnImage
from image_format.dimensions import read_dimensions
from PIL import Image

from tools.fuzz.oracles import displayed_size

IMAGES = Path(__file__).parents[2] / "images"
SAMPLES = sorted(
    path
    for path in IMAGES.rglob("*")
    if path.suffix in {".jpg", ".png", ".gif", ".bmp", ".webp", ".avif", ".mpo"}
    and path.parent.name != "broken"
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_format(path: Path) -> None:
    with Image.open(path) as image:
        assert read_dimensions(path.read_bytes()) == displayed_size(image)


def test_more_than_pillow_opens() -> None:
    assert read_dimensions((IMAGES / "broken" / "30000x30000.png").read_bytes()) == (30_000, 30_000)


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", b"BM"])
def test_no_header(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        read_dimensions(data)
