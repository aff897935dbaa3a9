"""Open and encode a GIF (GIF89a, 31 July 1990). Its frames are composed as in browsers.

Pillow composes frames too, but clears to the background colour where browsers clear to transparency, and
cannot make opaque pixels transparent again. Here each frame becomes a GIF of its own, which Pillow decodes.
"""

import itertools
import struct
from collections.abc import Sequence
from typing import Any

import PIL.GifImagePlugin  # noqa: F401 - importing a plugin registers it
from image_format import Format, NotAnImage, gif
from image_format.gif import Block, Kind
from PIL import Image, ImageChops

from image_core.animation import Animation, AnimationFrame, Disposal
from image_core.codec import Codec, Encoding, Request
from image_core.decode import animated_source
from image_core.gif_writer import write_animation
from image_core.limits import TimeLimit
from image_core.near import find_transparent, repeat_indices
from image_core.palette import quantize, quantize_with_shared_palette, quantizing_seconds
from image_core.save import MAX_16_BITS, round_duration, save
from image_core.source import Frame, Source, have_alpha

_TRAILER = bytes([Kind.TRAILER])
# Section 23.c.iv. It leaves 4 undefined; early encoders wrote 4 for 3, and browsers follow them.
_DISPOSALS = {2: Disposal.CLEAR, 3: Disposal.RESTORE, 4: Disposal.RESTORE}
_DURATION_STEPS_MS = (10,)
_MAX_DURATION_MS = MAX_16_BITS * 10
# Worst case in seconds per pixel of one call into the encoder, on one vCPU.
_ENCODING_SECONDS = 50e-9


def _open(data: bytes, request: Request) -> Source:
    return animated_source(_parse(data, request.max_frames), None, request)


def _parse(data: bytes, max_frames: int) -> Animation:
    """Return the canvas and the frames of a file. Stray bytes between blocks are skipped, as in browsers.

    Args:
        data: the file.
        max_frames: number of frames after which to stop.

    Raises:
        NotAnImage: the file ends where browsers show no image, or is cut into too many pieces.
    """
    frames: list[AnimationFrame] = []
    first: Block | None = None
    control = b""
    loop_count = 1
    last_kind = 0
    for block in gif.blocks(data):
        last_kind = block.kind
        if block.kind == Kind.IMAGE:
            first = first or block
            frames.append(_frame(data, block, control))
            control = b""
            if len(frames) == max_frames:
                break
        elif not block.complete:
            raise NotAnImage
        elif block.kind == Kind.GRAPHIC_CONTROL:
            # Chrome reads four bytes even if the block has fewer.
            control = data[block.start + 3 : block.start + 7]
        elif (repeats := block.repeats()) is not None:
            # The number counts repetitions, 0 is without end. Chrome and gif2webp read it so.
            loop_count = repeats + 1 if repeats else 0
    if last_kind == Kind.GRAPHIC_CONTROL:
        raise NotAnImage
    width, height = gif.canvas_size(data, first)
    return Animation(width=width, height=height, loop_count=loop_count, frames=tuple(frames))


def _frame(data: bytes, block: Block, control: bytes) -> AnimationFrame:
    left, top, width, height = gif.frame_box(block)
    flags = block.whole[gif.DESCRIPTOR_BYTES - 1]
    packed, delay = struct.unpack("<BHx", control) if control else (0, 0)
    # Pillow confuses a grey table of the frame with a coloured one of the file: only one is written.
    screen = bytes(3) if block.has_colour_table else data[10 : gif.header_bytes(data)]
    file = b"GIF89a" + struct.pack("<HH", width, height) + screen
    if control:
        file += struct.pack(">HB", Kind.GRAPHIC_CONTROL, len(control)) + control + b"\0"
    file += struct.pack("<B4HB", Kind.IMAGE, 0, 0, width, height, flags)
    file += bytes(block.whole[gif.DESCRIPTOR_BYTES :]) + _TRAILER
    return AnimationFrame(
        left=left,
        top=top,
        width=width,
        height=height,
        disposal=_DISPOSALS.get(packed >> 2 & 7, Disposal.KEEP),
        blend_over=True,
        duration_ms=delay * 10,
        chunks=(file,),
    )


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    image = frames[0].image
    seconds = image.width * image.height * len(frames) * _ENCODING_SECONDS
    options: dict[str, Any] = {"interlace": 0}
    if len(frames) == 1:
        time_limit.check(seconds + quantizing_seconds(image))
        return save(quantize(image), Format.GIF, options, time_limit)
    time_limit.check(seconds)
    exact = [frame.image for frame in frames]
    images = quantize_with_shared_palette(exact)
    durations_ms = [frame.duration_ms for frame in frames]
    # The field counts repetitions. Without the field an animation is played once.
    repeats = {0: 0, 1: None}.get(encoding.loop_count, min(encoding.loop_count - 1, MAX_16_BITS))
    if have_alpha(frames) and _become_transparent(images):
        return _save(images, durations_ms, repeats, time_limit)
    # Frames may become equal by near colours, and equal ones become one frame.
    fits = sum(durations_ms) <= _MAX_DURATION_MS
    versions = repeat_indices(exact, images, time_limit) if fits else (images,)
    return min((_save(chosen, durations_ms, repeats, time_limit) for chosen in versions), key=len)


def _become_transparent(images: Sequence[Image.Image]) -> bool:
    return any(
        ImageChops.subtract(find_transparent(image), find_transparent(before)).getbbox()
        for before, image in itertools.pairwise(images)
    )


def _save(
    images: Sequence[Image.Image],
    durations_ms: Sequence[float],
    repeats: int | None,
    time_limit: TimeLimit,
) -> bytes:
    images, durations_ms = _merge_equal(images, durations_ms)
    rounded_ms = [round_duration(duration_ms, _DURATION_STEPS_MS) for duration_ms in durations_ms]
    return write_animation(images, rounded_ms, repeats, time_limit)


def _merge_equal(
    images: Sequence[Image.Image], durations_ms: Sequence[float]
) -> tuple[list[Image.Image], list[float]]:
    """Merge frames that equal the previous one. Pillow merges them too, but the sum overflows."""
    timed = zip(images, durations_ms, strict=True)
    groups = [list(group) for _, group in itertools.groupby(timed, key=lambda pair: pair[0].tobytes())]
    return [group[0][0] for group in groups], [sum(duration for _, duration in group) for group in groups]


CODEC = Codec(open=_open, encode=_encode, encoding_bytes=18, encoding_frame_bytes=12)
