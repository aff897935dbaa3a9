"""Keep the pixels of an original that already has the requested format and size.

Only its metadata is removed, by `image_metadata`. Encoding the image again would lose quality.
"""

from collections.abc import Iterable

from image_format import Format

from image_core.encode import count_frames
from image_core.errors import NotAnImage, TooLarge
from image_core.fit import compute_layout
from image_core.open import open_source
from image_core.options import EncodedImage, Options
from image_core.source import DecodedFrame, Source, decoder_errors


def may_keep_pixels(source: Source, options: Options, output: Format) -> bool:
    """Return True if the header gives no reason to encode the image again: its format and size are right."""
    layout = compute_layout(source.size, options, output.max_side)
    return (
        output is source.format
        and source.transpose is None
        and layout.canvas == source.size
        and source.is_within_canvas
    )


def keep_pixels(
    data: bytes, source: Source, frames: Iterable[DecodedFrame], options: Options
) -> EncodedImage | None:
    """Return the file without metadata, its pixels unchanged; None if the image has to be encoded again.

    All frames are decoded, because only that shows whether the file is complete.

    Args:
        data: bytes of the file.
        source: the opened file, for which `may_keep_pixels` is True.
        frames: the decoded frames. Frames in CMYK, or with an orientation, are encoded again.
        options: limits of the transform.
    """
    if any(frame.transpose is not None or frame.image.mode == "CMYK" for frame in frames):
        return None
    # Imported here, because few images can be kept, and the import takes 8 ms of a cold start.
    from image_metadata import clean  # noqa: PLC0415

    try:
        cleaned = clean(data).data
    except NotAnImage:
        # Decoders tolerate some damage with which metadata cannot be removed losslessly.
        return None
    if not _has_same_frames(cleaned, source, options):
        return None
    width, height = source.size
    return EncodedImage(
        data=cleaned, format=source.format, width=width, height=height, frames=source.frame_count
    )


def count_pixel_bytes(data: bytes) -> int:
    """Return the length in bytes without metadata, or of the whole file if metadata cannot be removed."""
    from image_metadata import clean  # noqa: PLC0415 - as in keep_pixels

    try:
        return len(clean(data).data)
    except NotAnImage:
        return len(data)


def _has_same_frames(cleaned: bytes, source: Source, options: Options) -> bool:
    """Return True if a cleaned file still has its frames. Decoders tolerate different kinds of damage."""
    try:
        again = open_source(cleaned, options, source.time_limit)
        with decoder_errors():
            frame_count = count_frames(cleaned, source.format, source.time_limit)
    except (NotAnImage, TooLarge):
        return False
    expected = (source.size, source.frame_count, source.frame_count)
    return (again.size, again.frame_count, frame_count) == expected
