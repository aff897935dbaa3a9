"""The original as functions serve it: without metadata, upright, its pixels unchanged if possible."""

from image_format.dimensions import read_dimensions
from image_format.tiff import UPRIGHT

from image_core.errors import NotAnImage, TooManyPixels
from image_core.limits import Limits, RemainingSeconds
from image_core.options import EncodedImage, Options
from image_core.pipeline import transform

# Lossless cleaning decodes nothing, so it allows more pixels than a transform. The largest camera sensors
# have 200 million pixels, but a decompression bomb of a few kilobytes can have any number.
_MAX_PIXELS = 300_000_000

_REENCODING_QUALITY = 92


def clean(data: bytes, limits: Limits, remaining_seconds: RemainingSeconds | None = None) -> EncodedImage:
    """Return the image without metadata, upright, in its own format.

    The pixels are unchanged if `image_metadata` can remove the metadata and the image is upright. All other
    images are decoded and encoded again, with quality 92 in the lossy formats: images that have to be
    transposed, and files with damage that decoders tolerate. Either way the result holds only parts that were
    picked from the file or made from pixels, so no metadata remains.

    Args:
        data: a JPEG, PNG, GIF, BMP, WebP or AVIF file. Its format is detected from the content.
        limits: maximum cost of decoding. Lossless cleaning decodes nothing; it allows any number of bytes and
            300 million pixels.
        remaining_seconds: returns the seconds until the caller's deadline. None: no deadline.

    Raises:
        ImageError: as in `transform`. TooManyPixels is raised for lossless cleaning, too.
    """
    # Imported here, because a cold start must not pay for it (8 ms) before S3 has sent the original.
    from image_metadata import clean as clean_losslessly  # noqa: PLC0415

    try:
        cleaned = clean_losslessly(data)
    except NotAnImage:
        cleaned = None
    if cleaned is None or cleaned.orientation != UPRIGHT:
        options = Options(box=None, quality=_REENCODING_QUALITY, limits=limits)
        return transform(data, options, remaining_seconds)
    width, height = read_dimensions(cleaned.data)
    if (pixels := width * height) > _MAX_PIXELS:
        raise TooManyPixels(f"The image has {pixels:,} pixels, the limit is {_MAX_PIXELS:,}.")
    return EncodedImage(
        data=cleaned.data, format=cleaned.format, width=width, height=height, frames=cleaned.frames
    )
