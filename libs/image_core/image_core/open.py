"""Open a file: detect its format, read its header, check it against the limits. No pixel is decoded.

The pixels that count are those that will be decoded: a fraction of a large JPEG for a small box, and all
frames only if the output format can hold an animation.
"""

from image_format import require_format

from image_core.auto import resolve_format
from image_core.codec import Request
from image_core.formats import CODECS
from image_core.limits import TimeLimit
from image_core.options import Options
from image_core.source import Source, decoder_errors


def open_source(data: bytes, options: Options, time_limit: TimeLimit) -> Source:
    """Open a file whose decoding is within the limits.

    Args:
        data: bytes of the file.
        options: limits, and the box and the output format, which decide how much is decoded.
        time_limit: time until the deadline.

    Raises:
        NotAnImage: the format is not supported, or the file is damaged.
        TooLarge: a limit is exceeded.
        TransformTooSlow: the time is up.
    """
    found = require_format(data)
    request = Request(options, time_limit, found, resolve_format(options.output_format, found))
    with decoder_errors():
        return CODECS[found].open(data, request)
