"""What must hold of every file, whoever wrote it."""

import json
import warnings
from io import BytesIO

from image_metadata import Format, NotAnImage, clean, read_exif
from PIL import Image

from tools.fuzz import samples
from tools.fuzz.oracles import render

MAX_PIXELS = 400_000
MAX_FRAMES = 20
# Where fewer bytes follow, for an MCU of ten blocks, libjpeg-turbo takes its other way of decoding
# (jdhuff.c), and of damaged data that makes something else. With the longest files that are tried they are
# one read of Pillow.
FAST_DECODING_BYTES = 5_120


def check(data: bytes) -> str:
    """Clean a file and read its EXIF data; `answer`, or the name of the error with which it is refused.

    Raises:
        AssertionError: the answer is not as it must be. Whatever else comes out is a fault of the library.
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
    # Pillow takes the size of a PNG's pixels from a frame control, though no animation is announced.
    stray = cleaned.format is Format.PNG and b"fcTL" in data and b"fcTL" not in cleaned.data
    before = None if stray else _shown(data + behind)
    after = _shown(cleaned.data + behind)
    # Of a GIF Pillow shows a frame that is cut short if only enough follows, whatever it is.
    assert before is None or after == before or (after is None and cleaned.format is Format.GIF)
    return "answer"


def _assert_refused(data: bytes) -> None:
    try:
        read_exif(data)
    except NotAnImage:
        return
    raise AssertionError("what cannot be cleaned has no EXIF data to be read either")


def _outside_of_pixels(kind: Format, data: bytes) -> bytes:
    """The bytes of a cleaned file but for profiles, numbers and pixels: a mutation may put anything there."""
    match kind:
        case Format.JPEG:
            pieces = samples.split_jpeg(data)
            return b"".join(piece[:14] for piece in pieces if piece[1] not in {0xC4, 0xDB, 0xE2})
        case Format.PNG:
            pieces = samples.split_png(data)
            return b"".join(piece for piece in pieces if piece[4:8] not in {b"PLTE", b"IDAT", b"fdAT"})
        case Format.GIF:
            return b"".join(
                piece for piece in samples.split_gif(data)[1:] if piece[0] != 0x2C and piece[3:6] != b"ICC"
            )
        case Format.WEBP:
            pieces = [part for piece in samples.split_riff(data[12:]) for part in _open(piece)]
            return b"".join(
                piece for piece in pieces if piece[:4] not in {b"ICCP", b"VP8 ", b"VP8L", b"ALPH"}
            )
    return data[:10]


def _open(chunk: bytes) -> samples.Pieces:
    """A chunk, or what a frame of an animation consists of."""
    return [chunk[:8], *samples.split_riff(chunk[24:])] if chunk[:4] == b"ANMF" else [chunk]


def _shown(data: bytes) -> list[tuple[str, bytes]] | None:
    """Mode and pixels of each frame, or nothing where Pillow shows nothing, or too much."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data)) as image:
                frames: int = getattr(image, "n_frames", 1)
                if frames > MAX_FRAMES:
                    return None
                for number in range(frames):
                    image.seek(number)  # a GIF's frame can lie far outside, and Pillow's canvas grows with it
                    if image.width * image.height > MAX_PIXELS:
                        return None
            return [frame[:2] for frame in render(data).frames]
        except Exception:  # noqa: BLE001 - Pillow promises no set of errors for broken files
            return None
