"""Write an animated GIF (GIF89a, 31 July 1990) whose frames draw only what changes.

Pillow's own writer computes wrong boxes if the disposal differs between frames. Here Pillow only codes the
indices.
"""

import itertools
import struct
from collections.abc import Sequence
from typing import NamedTuple

from image_format.gif import APPLICATION_START, Kind
from PIL import Image, ImageChops

from image_core.limits import TimeLimit
from image_core.near import find_transparent

type _Box = tuple[int, int, int, int]

# Section 23.c.iv.
_KEEP, _CLEAR, _RESTORE = 1, 2, 3
_MIN_CODE_BITS = 2
# Worst case in seconds per pixel of coding a frame, on one vCPU.
_CODING_SECONDS = 50e-9
# In 16 animations no frame with a smaller share of unchanged pixels was shorter with transparent ones.
_MIN_UNCHANGED = 0.25
_EQUAL = [255] + [0] * 255


def write_animation(
    images: Sequence[Image.Image], durations_ms: Sequence[int], repeats: int | None, time_limit: TimeLimit
) -> bytes:
    """Return the file of an animation.

    Each frame has the smallest box that holds the pixels which the canvas lacks. In the box, pixels that do
    not change are transparent, if the code is shorter then.

    Args:
        images: the frames as P of one size and with one palette, of which no two in a row are equal;
            `info["transparency"]` is the index of transparency.
        durations_ms: display time of each frame in milliseconds, multiples of 10.
        repeats: number of repetitions; 0: forever, None: the animation is played once.
        time_limit: time until the deadline.

    Raises:
        TransformTooSlow: the time is up.
    """
    first = images[0]
    colours = bytes(first.getpalette() or [])
    transparency = first.info["transparency"]
    code_bits = max(_MIN_CODE_BITS, (len(colours) // 3 - 1).bit_length())
    parts = [_header(first.size, colours, code_bits, transparency)]
    if repeats is not None:
        parts.append(APPLICATION_START + b"NETSCAPE2.0" + struct.pack("<BBHx", 3, 1, repeats))
    drawing = _Drawing.on(Image.new("P", first.size, transparency), first)
    followings = itertools.chain(images[1:], [None])
    seconds = 2 * first.width * first.height * _CODING_SECONDS
    paced = time_limit.pace(zip(images, followings, durations_ms, strict=True), len(images), seconds)
    for image, following, duration_ms in paced:
        # A frame has at least one pixel.
        box = drawing.changes.getbbox() or (0, 0, 1, 1)
        disposal = _KEEP
        changes = drawing.changes
        if following:
            disposal, box, drawing = _choose_disposal(drawing, image, box, following)
        parts += [
            struct.pack(">HB", Kind.GRAPHIC_CONTROL, 4),
            struct.pack("<BHBx", disposal << 2 | 1, duration_ms // 10, transparency),
            struct.pack("<B4HxB", Kind.IMAGE, *box[:2], box[2] - box[0], box[3] - box[1], code_bits),
            _code_shorter(image.crop(box), changes.crop(box), transparency, code_bits),
        ]
    return b"".join([*parts, bytes([Kind.TRAILER])])


class _Drawing(NamedTuple):
    """A frame that is drawn onto a canvas.

    Attributes:
        canvas: P, what is shown before.
        changes: L, 0 where the frame has the index of the canvas.
    """

    canvas: Image.Image
    changes: Image.Image

    @classmethod
    def on(cls, canvas: Image.Image, image: Image.Image) -> "_Drawing":
        """Return the drawing of a frame, as P, onto a canvas."""
        return cls(canvas, ImageChops.difference(canvas, image))

    def find_erased(self, transparent: Image.Image) -> _Box | None:
        """Return the box of pixels that would have to become transparent, which no frame can do."""
        return ImageChops.darker(self.changes, transparent).getbbox()

    def count_changes(self) -> int:
        """Return the number of pixels that the frame changes."""
        return self.changes.width * self.changes.height - self.changes.histogram()[0]


def _choose_disposal(
    drawing: _Drawing, image: Image.Image, box: _Box, following: Image.Image
) -> tuple[int, _Box, _Drawing]:
    """Return the disposal of a frame, its box, and how the following frame is drawn.

    The frame stays unless a pixel becomes transparent: then its box, enlarged to hold that pixel, is cleared.
    If fewer pixels change when the canvas before the frame is restored, as below a thing that moves, that is
    done instead.
    """
    transparent = find_transparent(following)
    disposal, final_box, chosen = _KEEP, box, _Drawing.on(image, following)
    if erased := chosen.find_erased(transparent):
        disposal, final_box = _CLEAR, _union(box, erased)
        cleared = image.copy()
        cleared.paste(following.info["transparency"], final_box)
        chosen = _Drawing.on(cleared, following)
    restored = _Drawing.on(drawing.canvas, following)
    if restored.count_changes() < chosen.count_changes() and not restored.find_erased(transparent):
        return _RESTORE, box, restored
    return disposal, final_box, chosen


def _header(size: tuple[int, int], colours: bytes, code_bits: int, transparency: int) -> bytes:
    """Return the header, the screen descriptor and the global colour table (17 to 19)."""
    return b"".join(
        [
            b"GIF89a",
            struct.pack("<HHBBx", *size, 0xF0 | code_bits - 1, transparency),
            colours.ljust(3 << code_bits, b"\0"),
        ]
    )


def _union(one: _Box, other: _Box) -> _Box:
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def _code_shorter(image: Image.Image, changes: Image.Image, transparency: int, code_bits: int) -> bytes:
    """Return the coded indices (22 and appendix F), with unchanged ones as they are or transparent.

    Transparency helps frames that hold most of their pixels, and interrupts the repetitions in others.
    """
    whole = _code(image, code_bits)
    if changes.histogram()[0] < _MIN_UNCHANGED * image.width * image.height:
        return whole
    image.paste(transparency, mask=changes.point(_EQUAL, "1"))
    return min(_code(image, code_bits), whole, key=len)


def _code(image: Image.Image, code_bits: int) -> bytes:
    return image.tobytes("gif", image.mode, code_bits, 0) + b"\0"
