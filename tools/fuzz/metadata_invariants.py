"""Invariants of `image_metadata` for any file."""

import json
import warnings
from io import BytesIO

from image_format import gif
from image_metadata import Format, NotAnImage, clean, read_exif
from PIL import Image

from tools.fuzz import samples
from tools.fuzz.oracles import render

MAX_PIXELS = 400_000
MAX_FRAMES = 20
# libjpeg-turbo decodes the last MCUs of a file, of ten blocks each, with slow code (jdhuff.c), which reads
# damaged data differently. Together with the longest file that is tried, these bytes are one read of Pillow.
FAST_DECODING_BYTES = 5_120
# Boxes of an AVIF with pixels, colours or times.
_NUMBERS = {b"mdat", b"colr", b"av1C", b"clap", b"mdcv", b"mvhd", b"mdhd", b"elst", b"stts", b"ctts"}
# Chunks of a PNG with pixels or with ten bytes of colours, any of which are valid.
_PNG_NUMBERS = {b"IDAT", b"PLTE", b"fdAT", b"mDCV", b"tRNS"}
# Introducer, label and terminator.
_EMPTY_EXTENSION_BYTES = 3


def check(data: bytes) -> str:
    """Clean a file, read its EXIF data, and return the outcome: `image`, or the name of the error.

    Raises:
        AssertionError: the result violates an invariant. Any other exception is a fault of the library.
    """
    try:
        cleaned = clean(data)
    except NotAnImage as error:
        _assert_refused(data)
        return type(error).__name__
    json.dumps(read_exif(data), allow_nan=False).encode("utf-8")
    assert samples.SECRET not in _outside_of_pixels(cleaned.format, cleaned.data)
    again = clean(cleaned.data)
    assert again.data == cleaned.data
    assert again.orientation == 1
    assert read_exif(cleaned.data) == {}
    behind = bytes(FAST_DECODING_BYTES) if cleaned.format is Format.JPEG else b""
    # Pillow takes the size of the pixels of a PNG from a frame control even if no animation is announced.
    stray = cleaned.format is Format.PNG and b"fcTL" in data and b"fcTL" not in cleaned.data
    before = None if stray or _has_empty_extension(cleaned.format, data) else _decode(data + behind)
    after = _decode(cleaned.data + behind)
    # Pillow decodes a truncated frame of a GIF if enough bytes follow, no matter which.
    assert before is None or after == before or (after is None and cleaned.format is Format.GIF)
    return "image"


def _has_empty_extension(kind: Format, data: bytes) -> bool:
    """Return True for a GIF with an extension without sub-blocks: Pillow skips the frame behind it."""
    return kind is Format.GIF and any(
        block.kind > 0xFF and len(block.whole) == _EMPTY_EXTENSION_BYTES for block in gif.blocks(data)
    )


def _assert_refused(data: bytes) -> None:
    try:
        read_exif(data)
    except NotAnImage:
        return
    raise AssertionError("EXIF data were read from a file that cannot be cleaned")


def _outside_of_pixels(kind: Format, data: bytes) -> bytes:
    """Return a cleaned file without profiles, tables and pixels, in which a mutation may put anything."""
    match kind:
        case Format.JPEG:
            pieces = samples.split_jpeg(data)
            return b"".join(piece[:14] for piece in pieces if piece[1] not in {0xC4, 0xDB, 0xE2})
        case Format.PNG:
            pieces = samples.split_png(data)
            return b"".join(piece for piece in pieces if piece[4:8] not in _PNG_NUMBERS)
        case Format.GIF:
            return b"".join(
                piece for piece in samples.split_gif(data)[1:] if piece[0] != 0x2C and piece[3:6] != b"ICC"
            )
        case Format.WEBP:
            pieces = [part for piece in samples.split_riff(data[12:]) for part in _open(piece)]
            return b"".join(
                piece for piece in pieces if piece[:4] not in {b"ICCP", b"VP8 ", b"VP8L", b"ALPH"}
            )
        case Format.AVIF:
            return b"".join(piece for piece in samples.split_boxes(data) if piece[4:8] not in _NUMBERS)
    return data[:10]


def _open(chunk: bytes) -> samples.Pieces:
    """Return a chunk as it is, but a frame of an animation as its header and chunks."""
    return [chunk[:8], *samples.split_riff(chunk[24:])] if chunk[:4] == b"ANMF" else [chunk]


def _decode(data: bytes) -> list[tuple[str, bytes]] | None:
    """Return mode and pixels of each frame; None if Pillow cannot decode the file, or it is too large."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data)) as image:
                frames: int = getattr(image, "n_frames", 1)
                if frames > MAX_FRAMES:
                    return None
                for number in range(frames):
                    image.seek(number)  # Pillow enlarges the canvas of a GIF for frames far outside
                    if image.width * image.height > MAX_PIXELS:
                        return None
            return [frame[:2] for frame in render(data).frames]
        except Exception:  # noqa: BLE001 - Pillow promises no set of errors for broken files
            return None
