"""Encode animations: timing, and what each format needs for it.

Pillow's encoders of GIF and APNG write the frames one by one into a file, which checks the time limit. Its
encoder of WebP copies all frames and encodes them before it writes anything, so libwebp's encoder is called
from here.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from image_format import Format
from image_format.webp import ALPHA_FLAG, FLAGS_AT, RIFF_HEADER_BYTES
from PIL import Image, _webp

from image_core.clusters import quantize_soft_alpha
from image_core.limits import TimeLimit
from image_core.palette import quantize_with_shared_palette
from image_core.source import Frame

_KEEP, _CLEAR_BEFORE_NEXT = 1, 2  # disposal methods of GIF89a, section 23.c.iv
_MAX_16_BITS = 2**16 - 1
_MAX_24_BITS = 2**24 - 1
_MAX_31_BITS = 2**31 - 1
# Worst case per pixel of a frame on one vCPU, of noise with alpha. libwebp may encode a frame twice, once for
# each disposal method.
_WEBP_FRAME_SECONDS = 800e-9
_ALPHA_QUALITY = 100


def animation_options(
    frames: Sequence[Frame], output: Format, loop_count: int, time_limit: TimeLimit, *, palette: bool
) -> tuple[Image.Image, dict[str, Any]]:
    """Return the first image, and the options to save it with so that Pillow writes the animation.

    Args:
        frames: two or more, of one size.
        output: GIF or PNG.
        loop_count: number of times that the animation is played; 0: forever.
        time_limit: time until the deadline, checked before each frame.
        palette: True for a PNG with a palette, shared by all frames.
    """
    images = [frame.image for frame in frames]
    durations_ms = [frame.duration_ms for frame in frames]
    options: dict[str, Any] = {"save_all": True, "loop": loop_count}
    if output is Format.GIF:
        options |= _gif_options(frames, loop_count)
        images, durations_ms = _merge_equal(quantize_with_shared_palette(images), durations_ms)
        options["palette"] = bytes(images[0].getpalette() or [])
    elif palette:
        images = quantize_soft_alpha(images, time_limit)
    options["duration"] = [_round_duration(duration_ms, output) for duration_ms in durations_ms]
    return images[0], options | {"append_images": time_limit.pace_passes(images[1:])}


def encode_animated_webp(
    frames: Sequence[Frame], loop_count: int, options: Mapping[str, Any], time_limit: TimeLimit
) -> bytes:
    """Return the file of an animated WebP.

    Args:
        frames: two or more, of one size.
        loop_count: number of times that the animation is played; 0: forever.
        options: `quality`, `method` and `lossless` of the encoder, and an `icc_profile`.
        time_limit: time until the deadline. A frame is encoded only if its worst case fits.

    Raises:
        OSError, ValueError: the encoder rejects a frame.
        TransformTooSlow: encoding would not be finished in time.
    """
    width, height = frames[0].image.size
    quality, method = options["quality"], options["method"]
    # Without key frames in between (minimize_size) the file has 0 to 40 % fewer bytes.
    minimize_size, key_frames, mixed, verbose = True, (3, 5), False, False
    lossless = options.get("lossless", False)
    loop, background = min(loop_count, _MAX_16_BITS), 0
    encoder = _webp.WebPAnimEncoder(
        (width, height), background, loop, minimize_size, *key_frames, mixed, verbose
    )
    ends_ms = itertools.accumulate(_round_duration(frame.duration_ms, Format.WEBP) for frame in frames)
    start_ms = 0
    paced = time_limit.pace(frames, len(frames), width * height * _WEBP_FRAME_SECONDS)
    for frame, end_ms in zip(paced, ends_ms, strict=True):
        image = frame.image.convert("RGBA" if frame.image.mode in {"LA", "RGBA"} else "RGB")
        encoder.add(image.getim(), start_ms, lossless, quality, _ALPHA_QUALITY, method)
        start_ms = min(end_ms, _MAX_31_BITS)
    encoder.add(None, start_ms, lossless, quality, _ALPHA_QUALITY, method)
    data: bytes | None = encoder.assemble(options["icc_profile"] or b"", b"", b"")
    if data is None:
        raise OSError("the encoder returned no file")
    return _set_alpha_flag(data) if _has_alpha(frames) else data


def _set_alpha_flag(data: bytes) -> bytes:
    """Return an animated WebP whose header announces alpha.

    libwebp omits the flag if each frame is opaque by itself and clears a part of the canvas afterwards. Equal
    frames become a still image, which may have no such header.
    """
    if not data.startswith(b"VP8X", RIFF_HEADER_BYTES):
        return data
    flags = data[FLAGS_AT] | ALPHA_FLAG
    return data[:FLAGS_AT] + bytes((flags,)) + data[FLAGS_AT + 1 :]


def _has_alpha(frames: Sequence[Frame]) -> bool:
    """Return True if a frame has a pixel that is not opaque: opaque alpha channels were dropped before."""
    return any(frame.image.mode in {"LA", "RGBA"} for frame in frames)


def _gif_options(frames: Sequence[Frame], loop_count: int) -> dict[str, Any]:
    return {
        # The previous frame must not show through transparent pixels.
        "disposal": _CLEAR_BEFORE_NEXT if _has_alpha(frames) else _KEEP,
        # The field counts repetitions. Without the field an animation is played once.
        "loop": {0: 0, 1: None}.get(loop_count, min(loop_count - 1, _MAX_16_BITS)),
    }


def _merge_equal(
    images: Sequence[Image.Image], durations_ms: Sequence[float]
) -> tuple[list[Image.Image], list[float]]:
    """Merge frames that equal the previous one. Pillow merges them too, but the sum overflows."""
    timed = zip(images, durations_ms, strict=True)
    groups = [list(group) for _, group in itertools.groupby(timed, key=lambda pair: pair[0].tobytes())]
    return [group[0][0] for group in groups], [sum(duration for _, duration in group) for group in groups]


def _round_duration(duration_ms: float, output: Format) -> int:
    """Return the duration in ms, rounded to what the format can hold.

    A GIF has 16 bits of 10 ms, a WebP 24 bits of 1 ms. An APNG has a fraction of 16-bit numbers, used here
    for whole milliseconds if they fit, else for multiples of 10, 100 or 1000 ms.
    """
    if output is Format.WEBP:
        return min(round(duration_ms), _MAX_24_BITS)
    steps = (10,) if output is Format.GIF else (1, 10, 100, 1000)
    step = next((step for step in steps if round(duration_ms / step) <= _MAX_16_BITS), steps[-1])
    return min(round(duration_ms / step), _MAX_16_BITS) * step
