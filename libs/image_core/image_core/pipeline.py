"""The steps from bytes to bytes."""

import warnings

from image_core.animation import Animation
from image_core.clock import Clock, RemainingSeconds
from image_core.decode import decode
from image_core.encode import Encoding, count_frames, encode
from image_core.errors import NotAnImage, TooLarge, TooMuchMemory
from image_core.fit import layout_of
from image_core.frames import finish_frames
from image_core.opening import open_source
from image_core.options import EncodedImage, Options
from image_core.source import Source, decoding


def transform(
    data: bytes, options: Options, remaining_seconds: RemainingSeconds | None = None
) -> EncodedImage:
    """Make the image wished for.

    It comes back upright, in its box as wished, animated where input and output format can be,
    with its alpha channel and ICC profile as far as the format carries them, and without any other metadata.
    The same bytes and options give the same bytes.

    Args:
        data: a JPEG, PNG, GIF, BMP or WebP file, recognised by its content.
        options: what to make of it.
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
    options.check()
    with warnings.catch_warnings():
        # Pillow warns of oddities in files; whoever asks for an image can do nothing about them.
        warnings.simplefilter("ignore")
        try:
            return _transform(data, options, Clock(remaining_seconds, options.limits.slowdown))
        except MemoryError as error:
            raise TooMuchMemory("The image needs more memory than there is.") from error


def _transform(data: bytes, options: Options, clock: Clock) -> EncodedImage:
    source = open_source(data, options, clock)
    output = options.output_format or source.format
    if output is source.format and _pixels_stay(source, options):
        result = _clean(data)
        if result and _holds_as_much(result, source, options):
            width, height = source.size
            return EncodedImage(data=result, format=output, width=width, height=height, frames=source.frames)
    frames = list(finish_frames(source, options, output))
    encoding = Encoding(
        format=output,
        quality=options.quality,
        progressive=source.progressive,
        palette=source.palette,
        loop_count=source.loop_count,
    )
    width, height = frames[0].image.size
    result = encode(frames, encoding, clock)
    number = count_frames(result, output, clock) if len(frames) > 1 else 1
    return EncodedImage(data=result, format=output, width=width, height=height, frames=number)


def _pixels_stay(source: Source, options: Options) -> bool:
    """Whether the pixels are right as they are. All are decoded, to know that the file is sound."""
    if source.transpose or layout_of(source.size, options, source.format.max_side).canvas != source.size:
        return False
    if isinstance(source.file, Animation) and not source.file.is_within_canvas:
        return False
    return all(
        decoded_frame.transpose is None and decoded_frame.image.mode != "CMYK"
        for decoded_frame in decode(source)
    )


def _clean(data: bytes) -> bytes | None:
    """The file without metadata; None where decoders are more forgiving than whoever has to take it apart."""
    # Imported here: few images are right as they are, and every cold start would pay for it (8 ms).
    from image_metadata import clean  # noqa: PLC0415

    try:
        return clean(data).data
    except NotAnImage:
        return None


def _holds_as_much(data: bytes, source: Source, options: Options) -> bool:
    """Whether a cleaned file kept its images, for Pillow too: decoders forgive different damage."""
    try:
        again = open_source(data, options, source.clock)
        with decoding():
            frames = count_frames(data, source.format, source.clock)
    except (NotAnImage, TooLarge):
        return False
    return (again.size, again.frames, frames) == (source.size, source.frames, source.frames)
