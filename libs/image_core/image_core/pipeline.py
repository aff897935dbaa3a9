"""The steps from bytes to bytes."""

import warnings

from image_core.clock import Clock, RemainingSeconds
from image_core.decode import decoded
from image_core.encode import Encoding, encoded, frames_in
from image_core.errors import NotAnImage, TooLarge, TooMuchMemory
from image_core.fit import layout_of
from image_core.frames import finished_frames
from image_core.opening import open_source
from image_core.reel import Reel
from image_core.source import Source, decoding
from image_core.wish import Picture, Transform


def transform(data: bytes, wish: Transform, remaining_seconds: RemainingSeconds | None = None) -> Picture:
    """Make the picture wished for.

    It comes back upright, in its box as wished, animated where input and output format can be,
    with its alpha channel and ICC profile as far as the format carries them, and without any other metadata.
    The same bytes and wish give the same bytes.

    Args:
        data: a JPEG, PNG, GIF, BMP or WebP file, recognised by its content.
        wish: what to make of it.
        remaining_seconds: tells, whenever it is called, how much time is left. None: any amount.

    Raises:
        NotAnImage: empty, of another kind, truncated or corrupt.
        TooManyBytes: longer than the limit.
        TooManyPixels: more pixels to read or to write, in all frames, than the limit.
        TooManyScans: a JPEG that goes over its pixels again and again.
        TooMuchMemory: it may take more memory than the limit.
        DerivationTooSlow: no time is left.
        ValueError: a side of the box or a limit is below 1, or the quality outside 1 to 100.
    """
    wish.check()
    with warnings.catch_warnings():
        # Pillow warns of oddities in files; whoever asks for a picture can do nothing about them.
        warnings.simplefilter("ignore")
        try:
            return _transform(data, wish, Clock(remaining_seconds, wish.limits.slowdown))
        except MemoryError as error:
            raise TooMuchMemory("The picture needs more memory than there is.") from error


def _transform(data: bytes, wish: Transform, clock: Clock) -> Picture:
    source = open_source(data, wish, clock)
    output = wish.output_format or source.format
    if output is source.format and _pixels_stay(source, wish):
        result = _cleaned(data)
        if result and _holds_as_much(result, source, wish):
            width, height = source.size
            return Picture(data=result, format=output, width=width, height=height, frames=source.frames)
    frames = list(finished_frames(source, wish, output))
    encoding = Encoding(
        format=output,
        quality=wish.quality,
        progressive=source.progressive,
        palette=source.palette,
        plays=source.plays,
    )
    width, height = frames[0].image.size
    result = encoded(frames, encoding, clock)
    number = frames_in(result, output, clock) if len(frames) > 1 else 1
    return Picture(data=result, format=output, width=width, height=height, frames=number)


def _pixels_stay(source: Source, wish: Transform) -> bool:
    """Whether the pixels are right as they are. All are decoded, to know that the file is sound."""
    if source.turn or layout_of(source.size, wish, source.format.max_side).canvas != source.size:
        return False
    if isinstance(source.file, Reel) and not source.file.is_within_canvas:
        return False
    return all(picture.turn is None and picture.image.mode != "CMYK" for picture in decoded(source))


def _cleaned(data: bytes) -> bytes | None:
    """The file without metadata; None where decoders are more forgiving than whoever has to take it apart."""
    # Imported here: few pictures are right as they are, and every cold start would pay for it (8 ms).
    from image_metadata import clean  # noqa: PLC0415

    try:
        return clean(data).data
    except NotAnImage:
        return None


def _holds_as_much(data: bytes, source: Source, wish: Transform) -> bool:
    """Whether a cleaned file kept its pictures, for Pillow too: decoders forgive different damage."""
    try:
        again = open_source(data, wish, source.clock)
        with decoding():
            frames = frames_in(data, source.format, source.clock)
    except (NotAnImage, TooLarge):
        return False
    return (again.size, again.frames, frames) == (source.size, source.frames, source.frames)
