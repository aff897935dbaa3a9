"""The time for a derivation.

Decoders and encoders are C, which no signal and no other thread can stop. But Pillow feeds most of them
block by block from a file object, and frames are worked on one by one: there the clock is looked at. What is
done in one call is begun only where there is time for it.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from image_core.errors import DerivationTooSlow

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

type RemainingSeconds = Callable[[], float]


class Clock:
    """Tells how much time is left. None: any amount."""

    def __init__(self, remaining_seconds: RemainingSeconds | None) -> None:
        self._remaining_seconds = remaining_seconds

    def check(self, needed_seconds: float = 0.0) -> None:
        """Go on only if more time is left than needed.

        Raises:
            DerivationTooSlow
        """
        if self._remaining_seconds and self._remaining_seconds() <= needed_seconds:
            raise DerivationTooSlow("The picture takes too long to be made.")

    def file(self, data: bytes = b"") -> BytesIO:
        """A file in memory, with which nobody works longer than there is time."""
        return _WatchedFile(self, data) if self._remaining_seconds else BytesIO(data)

    def watched[T](self, items: list[T]) -> list[T]:
        """The list, which nobody goes through for longer than there is time."""
        return _WatchedList(self, items) if self._remaining_seconds else items


class _WatchedFile(BytesIO):
    def __init__(self, clock: Clock, data: bytes) -> None:
        super().__init__(data)
        self._clock = clock

    def read(self, size: int | None = -1, /) -> bytes:
        self._clock.check()
        return super().read(size)

    def write(self, data: "ReadableBuffer", /) -> int:
        self._clock.check()
        return super().write(data)


class _WatchedList[T](list[T]):
    def __init__(self, clock: Clock, items: list[T]) -> None:
        super().__init__(items)
        self._clock = clock

    def __iter__(self) -> Iterator[T]:
        for item in super().__iter__():
            self._clock.check()
            yield item
