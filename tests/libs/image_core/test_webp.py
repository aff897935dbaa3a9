"""Still WebP originals are decoded by libwebp's plain decoder, with the pixels of Pillow's plugin."""

import random
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_core import Format, NotAnImage, Options
from image_core.libwebp import decode_still
from image_core.limits import TimeLimit
from image_core.open import open_source
from image_format.webp import ALPHA_FLAG, FLAGS_AT
from PIL import Image

from tests.libs.image_core.images import file_of, frames_of

IMAGES = Path(__file__).parents[2] / "images"
CAT = (IMAGES / "cat.webp").read_bytes()
SMALL = (33, 65)


def encode(mode: str, size: tuple[int, int] = SMALL, **options: object) -> bytes:
    """Return a WebP of noise, alpha included."""
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], len(mode)), dtype=np.uint8)
    return file_of(Image.fromarray(noise), "WEBP", **options)


def without_alpha_flag(data: bytes) -> bytes:
    assert data[FLAGS_AT] & ALPHA_FLAG
    return data[:FLAGS_AT] + bytes([data[FLAGS_AT] ^ ALPHA_FLAG]) + data[FLAGS_AT + 1 :]


def decode(data: bytes) -> Image.Image:
    """Return the first frame as image_core decodes it."""
    source = open_source(data, Options(box=None, output_format=Format.JPEG), TimeLimit(None, 1.0))
    (frame,) = source.decoder.frames()
    assert frame.image.size == source.size
    return frame.image


FILES = {
    **{
        name: (IMAGES / name).read_bytes() for name in ("cat.webp", "logo-alpha.webp", "coffee-animated.webp")
    },
    **{f"{size}": encode("RGB", size, quality=80) for size in ((1, 1), (17, 1), (1, 17))},
    "lossless": encode("RGB", lossless=True),
    "lossless with alpha": encode("RGBA", lossless=True, exact=True),
    "lossy with alpha": encode("RGBA", quality=30),
    "profile": encode("RGB", icc_profile=b"profile"),
    "unannounced alpha": without_alpha_flag(encode("RGBA", icc_profile=b"profile")),
    "unannounced alpha, lossless": without_alpha_flag(
        encode("RGBA", lossless=True, exact=True, icc_profile=b"profile")
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_the_pixels_are_those_of_pillow(name: str) -> None:
    image, (expected, _) = decode(FILES[name]), frames_of(FILES[name])[0]
    assert image.convert("RGBA").tobytes() == expected.convert("RGBA").tobytes()


def test_damage_is_judged_as_by_pillow() -> None:
    seeds = [FILES[name] for name in ("lossy with alpha", "lossless", "lossless with alpha", "profile")]
    choose = random.Random(1)  # noqa: S311 - the same files in every run
    refused = 0
    for _ in range(400):
        data = bytearray(choose.choice(seeds))
        data[choose.randrange(20, len(data))] ^= 1 << choose.randrange(8)
        try:
            expected = Image.open(BytesIO(data), formats=["WEBP"])
            expected.load()
        except (OSError, ValueError):
            refused += 1
            with pytest.raises(NotAnImage):
                decode(bytes(data))
        else:
            assert decode(bytes(data)).convert("RGB").tobytes() == expected.convert("RGB").tobytes()
    assert 0 < refused < 400


@pytest.mark.parametrize("data", [CAT[:-1000], CAT[:40], b"", FILES["coffee-animated.webp"]])
def test_what_the_plain_decoder_cannot_decode_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        decode_still(data, (451, 300), "RGB")


@pytest.mark.parametrize("size", [(450, 300), (451, 299), (1, 1)])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_no_pixel_is_written_beyond_the_announced_size(size: tuple[int, int], mode: str) -> None:
    with pytest.raises(NotAnImage):
        decode_still(CAT, size, mode)
