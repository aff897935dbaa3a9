"""The frames of a GIF (GIF89a, 31 July 1990), to be composed as in browsers.

Pillow composes frames too, but clears to the background colour where browsers clear to transparency, and
cannot make opaque pixels transparent again. Here each frame becomes a GIF of its own, which Pillow decodes.
"""

import itertools
import struct

from image_format import NotAnImage, gif
from image_format.gif import Block, Kind

from image_core.animation import Animation, AnimationFrame, Disposal

_TRAILER = bytes([Kind.TRAILER])
# Section 23.c.iv. It leaves 4 undefined; early encoders wrote 4 for 3, and browsers follow them.
_DISPOSALS = {2: Disposal.CLEAR, 3: Disposal.RESTORE, 4: Disposal.RESTORE}


def parse(data: bytes, max_frames: int) -> Animation:
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


def drop_repeated_headers(data: bytes) -> bytes:
    """Return an animated GIF of Pillow without any header but the first.

    Pillow writes another one before each frame that is transparent everywhere and follows a cleared frame.
    Viewers stop there.
    """
    at = gif.header_bytes(data)
    parts: list[bytes | memoryview] = [data[:at]]
    unlimited = itertools.count()  # the file is our own
    while (block := gif.block_at(data, at, unlimited)).kind != Kind.TRAILER:
        if block.kind == Kind.STRAY:
            at += gif.header_bytes(data, at)
        else:
            parts.append(block.whole)
            at += len(block.whole)
    return b"".join([*parts, data[at:]])


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
