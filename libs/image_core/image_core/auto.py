"""The choice of a format by content: the smallest file that suits the image."""

from collections.abc import Iterator, Sequence

from image_format import Format
from image_format.webp import chunks

from image_core.codec import Encoding
from image_core.content import is_graphic, loses_colour
from image_core.encode import encode
from image_core.errors import ImageError
from image_core.limits import TimeLimit
from image_core.options import AutoFormat
from image_core.source import Frame

# A PNG without flat areas is longer than other formats, except for an image so small that headers are most of
# the file.
_SMALL_PIXELS = 4_096


def resolve_format(choice: Format | AutoFormat | None, source: Format, *, is_animated: bool = True) -> Format:
    """Return the format that frames are prepared for, before the format of the result is chosen.

    For an `AutoFormat`, the result can hold everything that a candidate can hold, such as alpha and an ICC
    profile.

    Args:
        choice: option of the transform.
        source: format of the original.
        is_animated: True if the original has several frames, or may have.
    """
    if not isinstance(choice, AutoFormat):
        return choice or source
    if Format.WEBP in choice.accepts:
        return Format.WEBP
    keeps_source = source is Format.JPEG or (source is Format.GIF and is_animated)
    return source if keeps_source else Format.PNG


def encode_smallest(
    frames: Sequence[Frame], encoding: Encoding, choice: AutoFormat, time_limit: TimeLimit
) -> tuple[Format, bytes]:
    """Return the smallest file of all formats that suit the frames, and its format.

    An animation is encoded once, a still image as AVIF and WebP if the browser accepts them, and as JPEG or
    PNG: 1.8 times the time of the WebP alone, for 1280 x 720 pixels of a photograph. Candidates for which too
    little time is left are skipped. A WebP whose subsampled chroma loses visible colour is the last choice:
    resized to 854 x 474, `red-on-blue-444.jpg` has a PSNR of 21.5 dB as WebP and 30.3 dB as AVIF.

    Args:
        frames: frames that are prepared for the format from `resolve_format`.
        encoding: parameters for that format.
        choice: formats that the browser accepts.
        time_limit: time until the deadline.

    Raises:
        ImageError: no candidate can be encoded.
        TransformTooSlow: not even the first candidate would be finished in time.
    """
    best: tuple[bool, int, Format, bytes] | None = None
    needs_chroma = len(frames) == 1 and loses_colour(frames[0].image)
    failures: list[ImageError] = []
    for candidate in _list_candidates(frames, encoding, choice):
        try:
            data = encode(frames, encoding._replace(format=candidate), time_limit)
        except ImageError as error:
            failures.append(error)
            continue
        # The chroma of a lossy WebP is always subsampled (RFC 6386, section 2).
        is_worse = needs_chroma and candidate is Format.WEBP and _is_lossy(data)
        if best is None or (is_worse, len(data)) < best[:2]:
            best = is_worse, len(data), candidate, data
    if best is None:
        raise failures[0]
    return best[2:]


def _is_lossy(webp: bytes) -> bool:
    return all(chunk.name != b"VP8L" for chunk in chunks(webp))


def _list_candidates(frames: Sequence[Frame], encoding: Encoding, choice: AutoFormat) -> Iterator[Format]:
    if len(frames) > 1:
        yield encoding.format
        return
    image = frames[0].image
    sides = max(image.size)
    yield from (each for each in choice.accepts if sides <= each.max_side)
    suits_jpeg = image.mode in {"L", "RGB"} and sides <= Format.JPEG.max_side
    if suits_jpeg:
        yield Format.JPEG
    is_only_candidate = not suits_jpeg and not choice.accepts
    is_small = image.width * image.height <= _SMALL_PIXELS
    if is_only_candidate or is_small or encoding.palette or is_graphic(image):
        yield Format.PNG
