"""How large pictures are, without decoding them."""

from pathlib import Path

import pytest
from image_core import NotAnImage, stored_pixels
from PIL import Image

IMAGES = Path(__file__).parents[2] / "images"
SAMPLES = sorted(
    path
    for path in IMAGES.rglob("*")
    if path.suffix in {".jpg", ".png", ".gif", ".bmp", ".webp", ".mpo"} and path.parent.name != "broken"
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_format(path: Path) -> None:
    with Image.open(path) as image:
        assert stored_pixels(path.read_bytes()) == image.width * image.height


def test_more_than_pillow_opens() -> None:
    assert stored_pixels((IMAGES / "broken" / "30000x30000.png").read_bytes()) == 900_000_000


@pytest.mark.parametrize("data", [b"", b"text", b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBPVP8 ", b"BM"])
def test_no_header(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        stored_pixels(data)
