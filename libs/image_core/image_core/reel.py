"""An animation as files store it: patches that are laid over each other."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from PIL import Image

from image_core.clock import Clock
from image_core.colour import averageable, scale_clear_colour


class Disposal(Enum):
    """What becomes of the place of a patch before the next one comes."""

    KEEP = 0
    CLEAR = 1
    RESTORE = 2


class Patch(NamedTuple):
    """One step of an animation, which may change a part of the canvas only.

    Attributes:
        left: pixels from the left edge of the canvas.
        top: pixels from its upper edge.
        width: in pixels.
        height: in pixels.
        disposal: what comes after it.
        over: whether the canvas shows through where it is clear; otherwise it replaces what was there.
        duration_ms: how long the canvas is shown with it.
        pieces: the patch as a still file of its own size, in pieces that patches may have in common.
    """

    left: int
    top: int
    width: int
    height: int
    disposal: Disposal
    over: bool
    duration_ms: float
    pieces: tuple[bytes, ...]


class Reel(NamedTuple):
    """An animation, not decoded.

    Attributes:
        width: of the canvas, in pixels.
        height: of the canvas, in pixels.
        plays: how often it is shown; 0: without end.
        patches: in order.
    """

    width: int
    height: int
    plays: int
    patches: tuple[Patch, ...]

    @property
    def is_within_canvas(self) -> bool:
        """Whether every patch is. For one that is not, some decoders let the canvas grow."""
        return all(
            patch.left + patch.width <= self.width and patch.top + patch.height <= self.height
            for patch in self.patches
        )


def composed(reel: Reel, clock: Clock) -> Iterator[tuple[Image.Image, Image.Image]]:
    """The canvas after each patch, RGBA, with the patch as Pillow opened it."""
    canvas = Image.new("RGBA", (reel.width, reel.height))
    for number, patch in enumerate(reel.patches, 1):
        before = canvas.copy() if patch.disposal is Disposal.RESTORE else None
        still = Image.open(clock.file(b"".join(patch.pieces)), formats=["GIF", "PNG"])
        scale_clear_colour(still)
        still.load()
        pixels = averageable(still).convert("RGBA")
        box = (patch.left, patch.top, patch.left + patch.width, patch.top + patch.height)
        if patch.over and number > 1:
            canvas.alpha_composite(pixels, box[:2])
        else:
            canvas.paste(pixels, box)
        if number == len(reel.patches):
            yield canvas, still
            return
        yield canvas.copy(), still
        if patch.disposal is Disposal.CLEAR:
            canvas.paste((0, 0, 0, 0), box)
        elif before is not None:
            canvas = before
