"""The steps of a transform, in order.

A transform opens the file, checks the limits, decodes each frame, applies `STEPS` to the frame, encodes the
frames and verifies the result. A step returns the frame unchanged if it has nothing to do.
"""

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import NamedTuple

from image_format import Format
from image_url import Fit
from PIL import Image

from image_core import memory
from image_core.auto import encode_smallest, resolve_format
from image_core.codec import Encoding
from image_core.colour import convert_colours, drop_opaque_alpha, flatten
from image_core.encode import count_frames, encode, limit_bytes
from image_core.errors import TooMuchMemory
from image_core.fit import Layout, compute_layout
from image_core.formats import CODECS
from image_core.keep import count_pixel_bytes, keep_pixels, may_keep_pixels
from image_core.limits import RemainingSeconds, TimeLimit, check_bytes, check_memory, check_pixels
from image_core.open import open_source
from image_core.options import AutoFormat, EncodedImage, Options
from image_core.orient import upright, upright_size
from image_core.resize import crop_and_resize, pad
from image_core.source import DecodedFrame, Frame, Source
from image_core.srgb import is_srgb_profile

# Worst cases of a resize in seconds on one vCPU: for each pixel of the input or the output, measured with LA
# and LANCZOS, and for the weights of each pixel of a row and of a column.
_RESIZE_SECONDS, _WEIGHT_SECONDS = 12e-9, 170e-9


def transform(
    data: bytes, options: Options, remaining_seconds: RemainingSeconds | None = None
) -> EncodedImage:
    """Resize, reorient and convert an image, and strip its metadata.

    The result is upright and has the size that the options ask for. An animation stays one if input and
    output format can hold it. Alpha channel and ICC profile are kept as far as the output format can hold
    them. No other metadata is kept. The same file and options always result in the same bytes.

    Args:
        data: a JPEG, PNG, GIF, BMP, WebP or AVIF file. Its format is detected from the content.
        options: size, format and quality of the result, and the limits of its cost.
        remaining_seconds: returns the seconds until the caller's deadline. None: no deadline.

    Raises:
        NotAnImage: the format is not supported, or the file is empty, truncated or corrupt.
        TooManyBytes: the file is longer than the limit.
        TooManyPixels: all frames together have more pixels than the limit, in the original or the result.
        TooManyScans: a JPEG has more scans than encoders write.
        TooMuchMemory: the transform may need more memory than the limit.
        TransformTooSlow: the transform would not be finished before the deadline.
        ValueError: a side of the box or a limit is below 1, or the quality is not 1 to 100.
    """
    options.check()
    _prepare_heap()
    with quiet_pillow():
        return _transform(data, options, TimeLimit(remaining_seconds, options.limits.slowdown))


@cache
def _prepare_heap() -> None:
    """Prepare the heap of this process, once. If that is impossible, transforms only take longer."""
    with suppress(ImportError, OSError, MemoryError):
        from image_core.heap import prepare_heap  # noqa: PLC0415 - ctypes, which only a transform needs

        prepare_heap()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Ignore Pillow's warnings about irregular files, about which the caller can do nothing.

    Raises:
        TooMuchMemory: Pillow or a codec could not allocate memory.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except MemoryError as error:
            raise TooMuchMemory("The image needs more memory than there is.") from error


def _transform(data: bytes, options: Options, time_limit: TimeLimit) -> EncodedImage:
    check_bytes(len(data), options.limits)
    source = open_source(data, options, time_limit)
    automatic = options.output_format if isinstance(options.output_format, AutoFormat) else None
    output = resolve_format(options.output_format, source.format, is_animated=source.frame_count > 1)
    check_result(data, source, options, output)
    decoded: Iterable[DecodedFrame] = source.decoder.frames()
    kept = None
    # If the content decides on the format, the original itself may be the smallest suitable file.
    keeps_format = automatic is not None and automatic.allows(source.format)
    if may_keep_pixels(source, options, source.format if keeps_format else output):
        # A still image is decoded once. Holding all frames of an animation would need too much memory.
        decoded = list(decoded) if source.frame_count == 1 else decoded
        kept = keep_pixels(data, source, decoded, options)
        if kept and not automatic:
            return kept
        decoded = decoded if source.frame_count == 1 else source.decoder.frames()
    frames = finish_frames(decoded, source, options, output)
    encoding = Encoding(
        format=output,
        quality=options.quality,
        progressive=source.is_progressive,
        palette=source.has_palette,
        loop_count=source.loop_count,
    )
    has_original_size = CODECS[source.format].is_lossy and frames[0].image.size in {
        source.size,
        source.size[::-1],
    }
    # Encoders need no pixels of the original. Without them a smaller derivative fits into less memory.
    del source, decoded
    if automatic:
        output, encoded = encode_smallest(frames, encoding, automatic, time_limit)
    else:
        encoded = encode(frames, encoding, time_limit)
    # The kept original is better than an image of lower quality.
    if has_original_size and not kept:
        encoding = encoding._replace(format=output)
        encoded = limit_bytes(encoded, frames, encoding, count_pixel_bytes(data), time_limit)
    result = verify(encoded, frames, output, time_limit)
    return kept if kept and len(kept.data) <= len(result.data) else result


def check_result(data: bytes, source: Source, options: Options, output: Format) -> None:
    """Check the pixels to encode, and the memory for decoding and encoding, against the limits.

    Args:
        data: bytes of the file.
        source: the opened file.
        options: limits, and the options that decide on the size and the format of the result.
        output: format that the frames are prepared for.

    Raises:
        TooManyPixels, TooMuchMemory: a limit is exceeded.
    """
    has_alpha = source.has_alpha or options.fit is Fit.CONTAIN
    needed = []
    formats = {output}
    if isinstance(options.output_format, AutoFormat) and source.frame_count == 1:
        formats |= {Format.PNG, *options.output_format.accepts}
    for transpose in source.possible_transposes:
        layout = compute_layout(upright_size(source.size, transpose), options, output.max_side)
        check_pixels([layout.canvas], options.limits, source.frame_count)
        encoding = max(
            memory.estimate_encoding(
                layout.canvas,
                source.frame_count,
                CODECS[each],
                has_alpha=has_alpha,
                gets_palette=each is Format.GIF or (each is Format.PNG and source.has_palette),
            )
            for each in formats
        )
        stored = layout.transposed(transpose)
        keeps_size = source.size == stored.scaled == stored.canvas
        resizing = 0 if keeps_size else memory.estimate_resizing(source.size, stored.canvas)
        needed.append(encoding + resizing)
    profile_bytes = source.profile.memory_bytes if source.profile else 0
    # The file is held twice: by the caller and for the decoder.
    needed_bytes = source.decoding_bytes + max(needed) + profile_bytes + 2 * len(data)
    check_memory(memory.BASE_BYTES + needed_bytes, options.limits)


class _Plan(NamedTuple):
    """Parameters of the steps for one frame.

    Attributes:
        source: the opened file.
        layout: size and canvas, as displayed.
        transpose: operation that brings the frame upright.
        output: format to encode.
    """

    source: Source
    layout: Layout
    transpose: Image.Transpose | None
    output: Format


def _drop_opaque_alpha(frame: Frame, _: _Plan) -> Frame:
    return frame._replace(image=drop_opaque_alpha(frame.image))


def _crop_and_resize(frame: Frame, plan: _Plan) -> Frame:
    # Resizing before the transpose leaves fewer pixels to transpose.
    stored = plan.layout.transposed(plan.transpose)
    image = crop_and_resize(frame.image, stored, plan.source.draft_box, plan.output)
    return frame._replace(image=image)


def _convert_colours(frame: Frame, plan: _Plan) -> Frame:
    image, profile = convert_colours(frame.image, frame.profile, plan.output, plan.source.time_limit)
    return frame._replace(image=image, profile=profile)


def _flatten(frame: Frame, plan: _Plan) -> Frame:
    return frame._replace(image=flatten(frame.image, CODECS[plan.output].modes))


def _transpose(frame: Frame, plan: _Plan) -> Frame:
    return frame._replace(image=upright(frame.image, plan.transpose))


def _pad(frame: Frame, plan: _Plan) -> Frame:
    return frame._replace(image=pad(frame.image, plan.layout.canvas, plan.output))


def _drop_info(frame: Frame, _: _Plan) -> Frame:
    frame.image.info = {}  # Pillow's encoders copy comments, and more, from there.
    return frame


STEPS: Sequence[Callable[[Frame, _Plan], Frame]] = (
    _drop_opaque_alpha,
    _crop_and_resize,
    _convert_colours,
    _flatten,
    _transpose,
    _pad,
    _drop_info,
)
"""Steps between decoder and encoder, applied to each frame in this order."""


def finish_frames(
    decoded: Iterable[DecodedFrame], source: Source, options: Options, output: Format
) -> list[Frame]:
    """Return the frames as they are to be encoded, after all `STEPS`.

    Raises:
        NotAnImage, TooLarge, TransformTooSlow: a frame cannot be decoded, or not within the limits.
    """
    profile = source.profile
    if profile and is_srgb_profile(profile, source.time_limit):
        profile = None
    finished = []
    for each in decoded:
        layout = compute_layout(upright_size(source.size, each.transpose), options, output.max_side)
        sizes = each.image.size, layout.scaled
        seconds = max(width * height for width, height in sizes) * _RESIZE_SECONDS
        seconds += max(width + height for width, height in sizes) * _WEIGHT_SECONDS
        source.time_limit.check(seconds)
        frame = Frame(image=each.image, profile=profile, duration_ms=each.duration_ms)
        plan = _Plan(source, layout, each.transpose, output)
        for step in STEPS:
            frame = step(frame, plan)
        finished.append(frame)
    return finished


def verify(data: bytes, frames: Sequence[Frame], output: Format, time_limit: TimeLimit) -> EncodedImage:
    """Return the encoded image. Its frames are counted, because encoders merge frames that look the same."""
    frame_count = count_frames(data, output, time_limit) if len(frames) > 1 else 1
    width, height = frames[0].image.size
    return EncodedImage(data=data, format=output, width=width, height=height, frames=frame_count)
