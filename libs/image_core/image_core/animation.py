"""An animation as GIF and APNG store it: frames that are drawn onto a canvas one after the other."""

from enum import Enum
from typing import NamedTuple


class Disposal(Enum):
    """The content of a frame's area when the next frame is drawn (PNG 3rd edition, 11.3.6.2)."""

    KEEP = 0
    """The frame stays."""
    CLEAR = 1
    """The area is cleared to transparent."""
    RESTORE = 2
    """The area is restored to its content before the frame."""


class AnimationFrame(NamedTuple):
    """One frame, which may change only a part of the canvas.

    Attributes:
        left: distance in pixels from the left edge of the canvas.
        top: distance in pixels from the upper edge of the canvas.
        width: in pixels.
        height: in pixels.
        disposal: applied after the frame was displayed.
        blend_over: True to composite the frame over the canvas, False to replace the area.
        duration_ms: display time in milliseconds.
        chunks: the parts of a still image file with the pixels of the frame. Frames may share parts.
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
    """A parsed animation. No pixel is decoded yet.

    Attributes:
        width: width of the canvas in pixels.
        height: height of the canvas in pixels.
        loop_count: number of times that the animation is played; 0: forever.
        frames: in the order of display.
    """

    width: int
    height: int
    loop_count: int
    frames: tuple[AnimationFrame, ...]

    @property
    def is_within_canvas(self) -> bool:
        """True if no frame extends beyond the canvas, which some decoders would enlarge for it."""
        return all(
            frame.left + frame.width <= self.width and frame.top + frame.height <= self.height
            for frame in self.frames
        )
