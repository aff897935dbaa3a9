"""An animation as files store it: patches that are laid over each other."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from PIL import Image

from image_core.clock import Clock
from image_core.colour import fix_transparency_depth, to_averageable


class Disposal(Enum):
    """What becomes of the place of a patch before the next one comes."""

    KEEP = 0
    CLEAR = 1
    RESTORE = 2


class AnimationFrame(NamedTuple):
    """One step of an animation, which may change a part of the canvas only.

    Attributes:
        left: pixels from the left edge of the canvas.
        top: pixels from its upper edge.
        width: in pixels.
        height: in pixels.
        disposal: what comes after it.
        blend_over: whether the canvas shows through where it is clear; otherwise it replaces what was there.
        duration_ms: how long the canvas is shown with it.
        pieces: the patch as a still file of its own size, in pieces that patches may have in common.
    """

    left: int
    top: int
    width: int
    height: int
    disposal: Disposal
    blend_over: bool
    duration_ms: float
    chunks: tuple[bytes, ...]


class Animation(NamedTuple):
    """An animation, not decoded.

    Attributes:
        width: of the canvas, in pixels.
        height: of the canvas, in pixels.
        loop_count: how often it is shown; 0: without end.
        patches: in order.
    """

    width: int
    height: int
    loop_count: int
    frames: tuple[AnimationFrame, ...]

    @property
    def is_within_canvas(self) -> bool:
        """Whether every patch is. For one that is not, some decoders let the canvas grow."""
        return all(
            frame.left + frame.width <= self.width and frame.top + frame.height <= self.height
            for frame in self.frames
        )


def compose(animation: Animation, clock: Clock) -> Iterator[tuple[Image.Image, Image.Image]]:
    """The canvas after each patch, RGBA, with the patch as Pillow opened it."""
    canvas = Image.new("RGBA", (animation.width, animation.height))
    for number, frame in enumerate(animation.frames, 1):
        before = canvas.copy() if frame.disposal is Disposal.RESTORE else None
        still = Image.open(clock.file(b"".join(frame.chunks)), formats=["GIF", "PNG"])
        fix_transparency_depth(still)
        still.load()
        pixels = to_averageable(still).convert("RGBA")
        box = (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
        if frame.blend_over and number > 1:
            canvas.alpha_composite(pixels, box[:2])
        else:
            canvas.paste(pixels, box)
        if number == len(animation.frames):
            yield canvas, still
            return
        yield canvas.copy(), still
        if frame.disposal is Disposal.CLEAR:
            canvas.paste((0, 0, 0, 0), box)
        elif before is not None:
            canvas = before
