"""The original as it is served: without metadata, upright, its pixels unchanged where that is possible."""

from image_format.dimensions import read_dimensions

from image_core.clock import RemainingSeconds
from image_core.errors import NotAnImage, TooManyPixels
from image_core.options import EncodedImage, Limits, Options
from image_core.pipeline import transform

# Lossless cleaning decodes nothing, so it allows more pixels than a transform. The largest camera sensors
# have 200 million pixels, but a decompression bomb of a few kilobytes can have any number.
_MAX_PIXELS = 300_000_000

_UPRIGHT = 1
_REENCODING_QUALITY = 92


def clean(data: bytes, limits: Limits, remaining_seconds: RemainingSeconds | None = None) -> EncodedImage:
    """Return the image without metadata, upright, in its own format.

    The pixels are unchanged where `image_metadata` can take the file apart and the image is upright. All
    other images are decoded and encoded anew, with quality 92 in the lossy formats: those that have to be
    turned, and files with damage that decoders tolerate. Either way the result holds only what was picked
    out of the file or made from pixels, so no metadata is left.

    Args:
        data: a JPEG, PNG, GIF, BMP or WebP file, recognised by its content.
        limits: what decoding may cost. Lossless cleaning decodes nothing; it allows any number of bytes and
            300 million pixels.
        remaining_seconds: returns the time that is left. None: any amount.

    Raises:
        ImageError: as `transform` does. TooManyPixels is raised for lossless cleaning, too.
    """
    # Imported here, because a cold start must not pay for it (8 ms) before S3 has sent the original.
    from image_metadata import clean as clean_losslessly  # noqa: PLC0415

    try:
        cleaned = clean_losslessly(data)
    except NotAnImage:
        cleaned = None
    if cleaned is None or cleaned.orientation != _UPRIGHT:
        options = Options(box=None, quality=_REENCODING_QUALITY, limits=limits)
        return transform(data, options, remaining_seconds)
    width, height = read_dimensions(cleaned.data)
    if (pixels := width * height) > _MAX_PIXELS:
        raise TooManyPixels(f"The image has {pixels:,} pixels, the limit is {_MAX_PIXELS:,}.")
    return EncodedImage(
        data=cleaned.data, format=cleaned.format, width=width, height=height, frames=cleaned.frames
    )
