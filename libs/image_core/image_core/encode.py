"""Encode finished frames into a file that holds pixels, an ICC profile and timing, and nothing else."""

import zlib
from collections.abc import Sequence
from math import log

from image_format import Format
from PIL import Image

from image_core.codec import Encoding
from image_core.colour import to_srgb
from image_core.errors import ImageError
from image_core.formats import CODECS
from image_core.icc import Profile
from image_core.limits import TimeLimit
from image_core.quality import encoder_setting
from image_core.source import Frame

# The search for a length ends after this many files, or at a file with this share of the maximum length. The
# power relates lengths to qualities until one file is short enough.
_MAX_RETRIES, _CLOSE, _FIRST_POWER = 4, 0.96, 1.3
# Profiles of a matrix with parametric curves have up to 1 KB, those with sampled curves 4.
_MAX_SMALL_PROFILE_BYTES = 4_096


def encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    """Return the file with the encoded frames.

    The ICC profile is embedded, unless it is large and would make up more than half of the file: then the
    image is converted to sRGB.

    Raises:
        ImageError: the encoder rejects the image.
        TransformTooSlow: encoding would not be finished in time.
    """
    data = _encode(frames, encoding, time_limit)
    profile = frames[0].profile
    if profile is None or not _outweighs(profile, data, encoding.format):
        return data
    converted = [
        frame._replace(image=to_srgb(frame.image, profile, time_limit), profile=None) for frame in frames
    ]
    return _encode(converted, encoding, time_limit)


def limit_bytes(
    data: bytes, frames: Sequence[Frame], encoding: Encoding, max_bytes: int, time_limit: TimeLimit
) -> bytes:
    """Return the file, in a lower quality if it is longer than `max_bytes`.

    The quality is lowered only for a still image in a lossy format. A lossy original of a lower quality would
    otherwise become longer without becoming better. The search ends at a file that is almost as long as
    allowed, or after four files; the closest one that is short enough is returned.

    Args:
        data: the encoded file.
        frames: the frames of the file.
        encoding: the parameters with which the file was encoded.
        max_bytes: maximum length of the result. A file that cannot become that short stays as it is.
        time_limit: time until the deadline.

    Raises:
        ImageError, TransformTooSlow: as in `encode`.
    """
    if len(data) <= max_bytes or len(frames) > 1 or not CODECS[encoding.format].is_lossy:
        return data
    too_long, fitting = (encoding.quality, len(data)), (0, 0)
    shortest = data
    for _ in range(_MAX_RETRIES):
        quality = _interpolate_quality(fitting, too_long, max_bytes)
        encoded = encode(frames, encoding._replace(quality=quality), time_limit)
        if len(encoded) > max_bytes:
            too_long = quality, len(encoded)
        else:
            fitting, shortest = (quality, len(encoded)), encoded
        if fitting[1] >= _CLOSE * max_bytes or too_long[0] - fitting[0] <= 1:
            break
    return shortest


def _interpolate_quality(fitting: tuple[int, int], too_long: tuple[int, int], max_bytes: int) -> int:
    """Return a quality between two for which the lengths of the file are known, each as (quality, bytes).

    The quality is a power of the bytes, which the two lengths determine.
    """
    low, high = fitting[0], too_long[0]
    power = log(high / low) / log(too_long[1] / fitting[1]) if low else _FIRST_POWER
    quality = int(high * (max_bytes / too_long[1]) ** power)
    return max(1, min(max(quality, low + 1), high - 1))


def count_frames(data: bytes, file_format: Format, time_limit: TimeLimit) -> int:
    """Return the number of frames of a file as its decoder counts them.

    Raises:
        OSError: the default image of an APNG, which only viewers without animation show, is damaged.
        TransformTooSlow: the time is up.
    """
    if count := CODECS[file_format].count_frames:
        return count(data, time_limit)
    image = Image.open(time_limit.open_file(data), formats=[file_format])
    frames: int = getattr(image, "n_frames", 1)
    if not image.info.get("default_image"):
        return frames
    image.load()
    return frames - 1  # Pillow counts the default image as a frame.


def _outweighs(profile: Profile, data: bytes, output: Format) -> bool:
    if len(profile.data) <= _MAX_SMALL_PROFILE_BYTES:
        return False
    length = len(zlib.compress(profile.data)) if output is Format.PNG else len(profile.data)
    return length > len(data) - length


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    codec = CODECS[encoding.format]
    setting = encoder_setting(encoding.quality, codec.settings)
    try:
        return codec.encode(frames, encoding._replace(quality=setting), time_limit)
    except (OSError, ValueError, RuntimeError) as error:
        # One reason is a WebP whose first partition overflows.
        raise ImageError(f"The image cannot be written as {encoding.format}.") from error
