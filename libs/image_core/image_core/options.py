"""What is asked for and what comes back."""

from enum import StrEnum
from typing import NamedTuple

from image_format import Format

OUTPUT_VERSION = 2
"""Raised by a release that makes other bytes from the same original and options.

Functions store or send the version with each derivative, so that no derivative of an earlier release is
served as current.
"""

ONE_VCPU_MB = 1_769
"""The memory with which a function of Lambda has one vCPU."""

_MB = 2**20
_PROCESS_MB = 150


class Fit(StrEnum):
    """How an image gets into its box."""

    INSIDE = "inside"
    """Whole and with its aspect, never enlarged; the result may be smaller than the box."""
    COVER = "cover"
    """Fills the box with its aspect; what stands out at two sides is cut off."""
    CONTAIN = "contain"
    """Whole and with its aspect; what is left of the box is clear, or white where the format has no alpha."""
    FILL = "fill"
    """Fills the box, without its aspect."""


class Box(NamedTuple):
    """The room for an image, in pixels.

    Attributes:
        width: pixels across.
        height: pixels down.
        swap_for_portrait: whether a tall image gets the box turned by a quarter.
    """

    width: int
    height: int
    swap_for_portrait: bool = True


class Limits(NamedTuple):
    """What a file may cost. The defaults fit a process with 1,769 MB, the memory that is one vCPU on Lambda.

    Attributes:
        max_bytes: length of the file.
        max_pixels: pixels that are decoded, and pixels that are written, in all frames.
        max_memory_bytes: what the derivation may take beside the process as it is: the memory of the function
            without 150 MB, which Python, its libraries and the function take.
        slowdown: how many times longer than on one vCPU a step may take.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 65_000_000
    max_memory_bytes: int = (ONE_VCPU_MB - _PROCESS_MB) * _MB
    slowdown: float = 1.0

    @classmethod
    def within(cls, memory_mb: int) -> "Limits":
        """The defaults for a function with so much memory. A MB of Lambda has 2**20 bytes.

        CPU grows with memory, and a step uses one vCPU at most.
        """
        return cls(
            max_memory_bytes=max(1, memory_mb - _PROCESS_MB) * _MB,
            slowdown=max(1.0, ONE_VCPU_MB / max(1, memory_mb)),
        )


class Options(NamedTuple):
    """Options for an image.

    Attributes:
        box: the room for the image. None: it keeps its size.
        fit: how it gets into the box. All but `INSIDE` give exactly the box, and enlarge for it.
        output_format: None: the format of the input.
        quality: 1 to 100, for the lossy formats (JPEG and WebP).
        limits: what the input may cost.
    """

    box: Box | None
    fit: Fit = Fit.INSIDE
    output_format: Format | None = None
    quality: int = 80
    limits: Limits = Limits()

    def check(self) -> None:
        """Raise ValueError where a side of the box or a limit is below 1, or the quality outside 1 to 100."""
        if self.box and min(self.box.width, self.box.height) < 1:
            raise ValueError(f"a box has sides of 1 pixel or more, not {self.box.width} x {self.box.height}")
        if min(self.limits) < 1:
            raise ValueError(
                f"limits (bytes, pixels, bytes of memory, slowdown) are 1 or more, not {tuple(self.limits)}"
            )
        if not 1 <= self.quality <= 100:  # noqa: PLR2004 - the scale of libjpeg and libwebp
            raise ValueError(f"quality is 1 to 100, not {self.quality}")


class EncodedImage(NamedTuple):
    """A finished image.

    Attributes:
        data: the file.
        format: its format.
        width: pixels across, as seen.
        height: pixels down, as seen.
        frames: 1, or the frames of an animation.
    """

    data: bytes
    format: Format
    width: int
    height: int
    frames: int

    @property
    def content_type(self) -> str:
        """The media type, such as `image/jpeg`."""
        return self.format.content_type
