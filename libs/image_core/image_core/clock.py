"""The time for a derivation.

Decoders and encoders are C, which no signal and no other thread can stop. But Pillow feeds most of them
block by block from a file object, and frames are worked on one by one: there the clock is looked at. What is
done in one call is begun only where there is time for it: each step has a figure for what it took at most, of
noise on one vCPU.
"""

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from image_core.errors import DerivationTooSlow

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

type RemainingSeconds = Callable[[], float]

_TOO_SLOW = "The image takes too long to be made."
_PACE_SECONDS, _HOPELESS = 1.0, 2.0


class Clock:
    """The time that is left.

    Args:
        remaining_seconds: returns it, whenever it is called. None: any amount.
        slowdown: how many times longer than on one vCPU a step may take.
    """

    def __init__(self, remaining_seconds: RemainingSeconds | None, slowdown: float = 1.0) -> None:
        self._remaining_seconds = remaining_seconds
        self._slowdown = slowdown

    def check(self, needed_seconds: float = 0.0) -> None:
        """Go on only if more time is left than needed.

        Args:
            needed_seconds: what the next step takes at most on one vCPU.

        Raises:
            DerivationTooSlow
        """
        if self._remaining_seconds and self._remaining_seconds() <= needed_seconds * self._slowdown:
            raise DerivationTooSlow(_TOO_SLOW)

    def paced[T](self, items: Iterable[T], number: int, needed_seconds: float = 0.0) -> Iterator[T]:
        """Yield the items, each only if there is time for it.

        Work is given up early, after a second, where at the pace so far the rest would take twice the time
        that is left: an image that is refused for time is refused for every viewer again.

        Args:
            items: what is worked on one by one.
            number: how many there are.
            needed_seconds: what one of them takes at most on one vCPU.

        Raises:
            DerivationTooSlow
        """
        started = self._left()
        for done, item in enumerate(items):
            self.check(needed_seconds)
            left = self._left()
            spent = started - left
            if done and spent > _PACE_SECONDS and spent / done * (number - done) > _HOPELESS * left:
                raise DerivationTooSlow(_TOO_SLOW)
            yield item

    def _left(self) -> float:
        return self._remaining_seconds() if self._remaining_seconds else 0.0

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
        return self._clock.paced(super().__iter__(), len(self))
