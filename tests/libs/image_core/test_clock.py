"""The clock: no step begins that does not fit the time left, and what is hopeless is given up early."""

import pytest
from image_core import DerivationTooSlow
from image_core.clock import Clock


class Seconds:
    """Time that passes when it is told to."""

    def __init__(self, left: float) -> None:
        self.left = left

    def __call__(self) -> float:
        return self.left


@pytest.mark.parametrize(
    ("left", "needed", "slowdown", "fits"),
    [(1.0, 0.9, 1.0, True), (1.0, 1.0, 1.0, False), (1.0, 0.4, 2.0, True), (1.0, 0.6, 2.0, False)],
)
def test_a_step_begins_only_where_it_fits(left: float, needed: float, slowdown: float, *, fits: bool) -> None:
    clock = Clock(Seconds(left), slowdown)
    if fits:
        clock.check(needed)
    else:
        with pytest.raises(DerivationTooSlow):
            clock.check(needed)


def test_without_a_limit_everything_fits() -> None:
    clock = Clock(None)
    clock.check(10**9)
    assert list(clock.paced(iter("abc"), 3, 10**9)) == ["a", "b", "c"]
    assert list(clock.watched([1, 2])) == [1, 2]


@pytest.mark.parametrize(
    ("seconds_each", "number", "done"),
    [(0.1, 100, 100), (0.1, 160, 142), (0.1, 190, 112), (0.25, 1_000, 5), (2.0, 1_000, 1), (10.0, 2, 2)],
)
def test_what_is_hopeless_is_given_up_early(seconds_each: float, number: int, done: int) -> None:
    seconds = Seconds(15.05)
    worked = 0
    try:
        for _ in Clock(seconds).watched([*range(number)]):
            worked += 1
            seconds.left -= seconds_each
    except DerivationTooSlow:
        assert worked < number
    assert worked == done
