"""How an animation is written: its timing, and what each format needs for it.

Pillow's writers of GIF and APNG go through the frames one by one and write each into a file that watches the
clock. Its writer of WebP copies the list of frames and encodes them all before it writes anything, so the
encoder is called from here.
"""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from image_format import Format
from image_format.webp import ALPHA_FLAG, FLAGS_AT
from PIL import Image, _webp

from image_core.clock import Clock
from image_core.clusters import quantize_soft_alpha
from image_core.frames import Frame
from image_core.palette import quantize_with_shared_palette

_KEEP, _CLEAR_BEFORE_NEXT = 1, 2  # disposal methods of GIF89a, section 23.c.iv
_SIXTEEN_BITS = 2**16 - 1
_TWENTY_FOUR_BITS = 2**24 - 1
_THIRTY_ONE_BITS = 2**31 - 1
# For each pixel of a frame, on one vCPU, of noise with alpha. It may be encoded twice, over either disposal.
_WEBP_FRAME_SECONDS = 800e-9
_ALPHA_QUALITY = 100


def animation_options(
    frames: Sequence[Frame], output: Format, loop_count: int, clock: Clock, *, palette: bool
) -> tuple[Image.Image, dict[str, Any]]:
    """The first image, and what to save it with.

    Args:
        frames: two or more, of one size.
        output: GIF or PNG.
        loop_count: how often the animation is shown; 0: without end.
        clock: the time that is left, at which is looked for each frame.
        palette: whether a PNG gets a palette. It has one for all frames.
    """
    images = [frame.image for frame in frames]
    durations_ms = [frame.duration_ms for frame in frames]
    options: dict[str, Any] = {"save_all": True, "loop": loop_count}
    if output is Format.GIF:
        options |= _gif_options(frames, loop_count)
        images, durations_ms = _join(quantize_with_shared_palette(images), durations_ms)
        options["palette"] = bytes(images[0].getpalette() or [])
    elif palette:
        images = quantize_soft_alpha(images, clock)
    options["duration"] = [_in_steps(duration_ms, output) for duration_ms in durations_ms]
    return images[0], options | {"append_images": clock.watched(images[1:])}


def animated_webp(
    frames: Sequence[Frame], loop_count: int, options: Mapping[str, Any], clock: Clock
) -> bytes:
    """Return the file of an animated WebP. Each frame is encoded only if its worst case fits the time left.

    Args:
        frames: two or more, of one size.
        loop_count: how often the animation is shown; 0: without end.
        options: `quality` and `method` of the encoder, and an `icc_profile`.
        clock: the time that is left.

    Raises:
        OSError, ValueError: the encoder refuses a frame.
        DerivationTooSlow
    """
    width, height = frames[0].image.size
    quality, method = options["quality"], options["method"]
    # Without key frames between (minimize_size) 0 to 40 % fewer bytes.
    minimize_size, key_frames, mixed, verbose, lossless = True, (3, 5), False, False, False
    loop, background = min(loop_count, _SIXTEEN_BITS), 0
    encoder = _webp.WebPAnimEncoder(
        (width, height), background, loop, minimize_size, *key_frames, mixed, verbose
    )
    ends_ms = itertools.accumulate(_in_steps(frame.duration_ms, Format.WEBP) for frame in frames)
    start_ms = 0
    paced = clock.paced(frames, len(frames), width * height * _WEBP_FRAME_SECONDS)
    for frame, end_ms in zip(paced, ends_ms, strict=True):
        image = frame.image.convert("RGBA" if frame.image.mode in {"LA", "RGBA"} else "RGB")
        encoder.add(image.getim(), start_ms, lossless, quality, _ALPHA_QUALITY, method)
        start_ms = min(end_ms, _THIRTY_ONE_BITS)
    encoder.add(None, start_ms, lossless, quality, _ALPHA_QUALITY, method)
    data: bytes | None = encoder.assemble(options["icc_profile"] or b"", b"", b"")
    if data is None:
        raise OSError("the encoder gave no file")
    return with_alpha_flag(data, frames)


def with_alpha_flag(data: bytes, frames: Sequence[Frame]) -> bytes:
    """An animated WebP that says so where it has clear pixels.

    libwebp forgets it where each frame is opaque for itself and clears a part of the canvas afterwards.
    """
    if not has_alpha(frames):
        return data
    flags = data[FLAGS_AT] | ALPHA_FLAG
    return data[:FLAGS_AT] + bytes((flags,)) + data[FLAGS_AT + 1 :]


def has_alpha(frames: Sequence[Frame]) -> bool:
    """Whether a pixel of a frame is not opaque."""
    return any(frame.image.mode in {"LA", "RGBA"} for frame in frames)


def _gif_options(frames: Sequence[Frame], loop_count: int) -> dict[str, Any]:
    return {
        # Where a pixel is clear the frame before must not show through.
        "disposal": _CLEAR_BEFORE_NEXT if has_alpha(frames) else _KEEP,
        # The number says how often it is shown again. Without one it is shown once.
        "loop": {0: 0, 1: None}.get(loop_count, min(loop_count - 1, _SIXTEEN_BITS)),
        # Pixels that stay as they were are written as clear, which takes next to no bytes.
        "optimize": True,
    }


def _join(
    images: Sequence[Image.Image], durations_ms: Sequence[float]
) -> tuple[list[Image.Image], list[float]]:
    """Without frames that look like the one before. Pillow leaves them out too, but its sums overflow."""
    timed = zip(images, durations_ms, strict=True)
    alike = [list(group) for _, group in itertools.groupby(timed, key=lambda pair: pair[0].tobytes())]
    return [group[0][0] for group in alike], [sum(duration for _, duration in group) for group in alike]


def _in_steps(duration_ms: float, output: Format) -> int:
    """The duration in steps that the format has: 16 bits of 10 ms in a GIF, 24 bits of 1 ms in a WebP.

    An APNG has a fraction of 16-bit numbers: whole milliseconds where they fit, else tenfold steps.
    """
    if output is Format.WEBP:
        return min(round(duration_ms), _TWENTY_FOUR_BITS)
    steps = (10,) if output is Format.GIF else (1, 10, 100, 1000)
    step = next((step for step in steps if round(duration_ms / step) <= _SIXTEEN_BITS), steps[-1])
    return min(round(duration_ms / step), _SIXTEEN_BITS) * step
