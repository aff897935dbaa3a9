"""Short files of long animations of noise, for which encoders take longest."""

import struct
import zlib
from io import BytesIO
from random import Random

from PIL import Image


def apng_of_noise(side: int, frames: int) -> bytes:
    """Return an APNG with 1 bit per pixel. The rows of a frame are equal, so that the file is short.

    Args:
        side: width and height in pixels.
        frames: number of frames.
    """
    random = Random(1)  # noqa: S311 - for variety, not for secrets
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = [_chunk(b"IHDR", header), _chunk(b"acTL", struct.pack(">II", frames, 0))]
    number = 0
    for frame in range(frames):
        control = struct.pack(">IIIIIHHBB", number, side, side, 0, 0, 1, 10, 0, 0)
        row = random.randbytes(-(-side // 8))
        packed = zlib.compress(b"\0" + row + (b"\2" + bytes(len(row))) * (side - 1), 9)
        pixels = _chunk(b"fdAT", struct.pack(">I", number + 1) + packed) if frame else _chunk(b"IDAT", packed)
        chunks += [_chunk(b"fcTL", control), pixels]
        number += 2 if frame else 1
    return b"\x89PNG\r\n\x1a\n" + b"".join([*chunks, _chunk(b"IEND", b"")])


def apng_of_translucent_noise(side: int, frames: int) -> bytes:
    """Return an APNG of noise in red, green, blue and alpha: no pixels take the encoder of WebP longer.

    Args:
        side: width and height in pixels.
        frames: number of frames.
    """
    random = Random(1)  # noqa: S311
    images = [Image.frombytes("RGBA", (side, side), random.randbytes(4 * side * side)) for _ in range(frames)]
    buffer = BytesIO()
    images[0].save(buffer, "PNG", save_all=True, append_images=images[1:], duration=20, compress_level=1)
    return buffer.getvalue()


def gif_of_noise(side: int, frames: int) -> bytes:
    """Return an animated GIF of noise in two colours.

    Args:
        side: width and height in pixels.
        frames: number of frames.
    """
    random = Random(1)  # noqa: S311
    images = [Image.frombytes("1", (side, side), random.randbytes(-(-side // 8) * side)) for _ in range(3)]
    following = [images[number % 3] for number in range(1, frames)]
    buffer = BytesIO()
    images[0].save(buffer, "GIF", save_all=True, append_images=following, duration=20)
    return buffer.getvalue()


def _chunk(name: bytes, content: bytes) -> bytes:
    named = name + content
    return struct.pack(">I", len(content)) + named + struct.pack(">I", zlib.crc32(named))
