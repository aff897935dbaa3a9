"""Limits of the cost of one file: bytes, pixels, memory and time.

The limits protect against small files that cost much, such as decompression bombs. All but time are checked
before anything is decoded, against figures that `memory` and the openers derive from the header.

Decoders and encoders are C code, which no signal and no other thread can interrupt. However, Pillow feeds
most of them block by block from a file object, and the frames of an animation are processed one by one, so
the time limit is checked there. A step that is a single call into C starts only if its worst case fits into
the remaining time. The worst cases were measured with noise on one vCPU.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from image_core.errors import TooManyBytes, TooManyPixels, TooMuchMemory, TransformTooSlow

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

type RemainingSeconds = Callable[[], float]
"""Returns the seconds until the caller's deadline."""

ONE_VCPU_MB = 1_769
"""Memory of a Lambda function that has one vCPU, in MB (Lambda developer guide, "Configure memory")."""

FRAME_PIXELS = 4_096
"""Minimum number of pixels that a frame of an animation counts.

Starting a frame takes as long as decoding this many pixels, and a short file can hold a million frames of one
pixel.
"""

_MB = 2**20
_PROCESS_MB = 150
# A transform is cancelled after this time if, at its pace, the rest would take twice the remaining time.
_PACE_SECONDS, _OVERRUN = 1.0, 2.0


class Limits(NamedTuple):
    """Maximum cost of a file. The defaults fit a Lambda function with 1,769 MB, which has one vCPU.

    Attributes:
        max_bytes: length of the file.
        max_pixels: pixels to decode, and pixels to encode, in all frames together.
        max_memory_bytes: memory that a transform may add to the process: the memory of the function less
            150 MB for Python, the libraries and the function itself.
        slowdown: factor by which a step may take longer than on one vCPU.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_pixels: int = 65_000_000
    max_memory_bytes: int = (ONE_VCPU_MB - _PROCESS_MB) * _MB
    slowdown: float = 1.0

    @classmethod
    def within(cls, memory_mb: int) -> "Limits":
        """Return the limits for a Lambda function with this memory, in MB of 2**20 bytes.

        Lambda assigns CPU in proportion to memory. A step uses one vCPU at most, so more memory than that of
        one vCPU makes no step faster.
        """
        return cls(
            max_memory_bytes=max(1, memory_mb - _PROCESS_MB) * _MB,
            slowdown=max(1.0, ONE_VCPU_MB / max(1, memory_mb)),
        )


def check_bytes(length: int, limits: Limits) -> None:
    """Raise TooManyBytes if the length of the file in bytes is over the limit."""
    if length > limits.max_bytes:
        raise TooManyBytes(f"The file has {length:,} bytes, the limit is {limits.max_bytes:,}.")


def check_pixels(sizes: list[tuple[int, int]], limits: Limits, times: int = 1) -> None:
    """Raise TooManyPixels if frames of these sizes have more pixels than the limit.

    Args:
        sizes: width and height of each frame in pixels.
        limits: the limits of the transform.
        times: number of frames of each size.
    """
    pixels = sum(width * height for width, height in sizes) * times
    frames = len(sizes) * times
    if frames > 1:
        pixels = max(pixels, frames * FRAME_PIXELS)
    if pixels > limits.max_pixels:
        raise TooManyPixels(f"The image has {pixels:,} pixels, the limit is {limits.max_pixels:,}.")


def check_memory(needed_bytes: int, limits: Limits) -> None:
    """Raise TooMuchMemory if an estimate exceeds the limit."""
    if needed_bytes > limits.max_memory_bytes:
        limit = limits.max_memory_bytes
        raise TooMuchMemory(
            f"The image may take {needed_bytes:,} bytes of memory, the limit is {limit:,}: "
            "use a smaller width or a smaller original."
        )


def max_frames(limits: Limits) -> int:
    """Return the number of frames after which parsing may stop: one more than the limit of pixels allows."""
    return limits.max_pixels // FRAME_PIXELS + 2


class TimeLimit:
    """The time until the caller's deadline, checked between the steps of a transform.

    Args:
        remaining_seconds: returns the seconds until the deadline. None: no deadline.
        slowdown: factor by which a step may take longer than on one vCPU.
    """

    def __init__(self, remaining_seconds: RemainingSeconds | None, slowdown: float = 1.0) -> None:
        self._remaining_seconds = remaining_seconds
        self._slowdown = slowdown

    def check(self, needed_seconds: float = 0.0) -> None:
        """Raise TransformTooSlow unless more time is left than the next step needs.

        Args:
            needed_seconds: worst case of the next step on one vCPU.
        """
        if not self.leaves(needed_seconds):
            raise TransformTooSlow

    def leaves(self, needed_seconds: float) -> bool:
        """Return True if more time is left than an optional step needs.

        Args:
            needed_seconds: worst case of the step on one vCPU.
        """
        return not self._remaining_seconds or self._remaining_seconds() > needed_seconds * self._slowdown

    def pace[T](self, items: Iterable[T], count: int, needed_seconds: float = 0.0) -> Iterator[T]:
        """Yield the items, checking the time before each of them.

        A transform that cannot finish in time is cancelled early, because every viewer of the image would pay
        for the whole time again.

        Args:
            items: units of work, such as frames.
            count: number of items.
            needed_seconds: worst case of one item on one vCPU.

        Raises:
            TransformTooSlow: the rest would not be finished in time.
        """
        started = self._left()
        for done, item in enumerate(items):
            self.check(needed_seconds)
            left = self._left()
            spent = started - left
            if done and spent > _PACE_SECONDS and spent / done * (count - done) > _OVERRUN * left:
                raise TransformTooSlow
            yield item

    def pace_passes[T](self, items: Sequence[T]) -> Iterable[T]:
        """Return an iterable of the items whose every pass is paced, like one call of `pace`.

        Pillow's writer of APNG passes over the frames more than once.
        """
        return _Paced(self, items)

    def open_file(self, data: bytes = b"") -> BytesIO:
        """Return a file in memory that checks the time on each read and write."""
        return _CheckedFile(self, data) if self._remaining_seconds else BytesIO(data)

    def _left(self) -> float:
        return self._remaining_seconds() if self._remaining_seconds else 0.0


class _CheckedFile(BytesIO):
    def __init__(self, time_limit: TimeLimit, data: bytes) -> None:
        super().__init__(data)
        self._time_limit = time_limit

    def read(self, size: int | None = -1, /) -> bytes:
        self._time_limit.check()
        return super().read(size)

    def write(self, data: "ReadableBuffer", /) -> int:
        self._time_limit.check()
        return super().write(data)


class _Paced[T]:
    def __init__(self, time_limit: TimeLimit, items: Sequence[T]) -> None:
        self._time_limit = time_limit
        self._items = items

    def __iter__(self) -> Iterator[T]:
        return self._time_limit.pace(self._items, len(self._items))
