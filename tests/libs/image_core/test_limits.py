"""The time limit: a step starts only if its worst case fits, and a hopeless transform is cancelled early."""

import pytest
from image_core import TransformTooSlow
from image_core.limits import TimeLimit


class Seconds:
    """Remaining time, set by the test."""

    def __init__(self, left: float) -> None:
        self.left = left

    def __call__(self) -> float:
        return self.left


@pytest.mark.parametrize(
    ("left", "needed", "slowdown", "fits"),
    [(1.0, 0.9, 1.0, True), (1.0, 1.0, 1.0, False), (1.0, 0.4, 2.0, True), (1.0, 0.6, 2.0, False)],
)
def test_a_step_starts_only_if_its_worst_case_fits(
    left: float, needed: float, slowdown: float, *, fits: bool
) -> None:
    time_limit = TimeLimit(Seconds(left), slowdown)
    if fits:
        time_limit.check(needed)
    else:
        with pytest.raises(TransformTooSlow):
            time_limit.check(needed)


def test_without_a_limit_everything_fits() -> None:
    time_limit = TimeLimit(None)
    time_limit.check(10**9)
    assert list(time_limit.pace(iter("abc"), 3, 10**9)) == ["a", "b", "c"]
    assert list(time_limit.pace_passes([1, 2])) == [1, 2]


@pytest.mark.parametrize(
    ("seconds_each", "number", "done"),
    [(0.1, 100, 100), (0.1, 160, 142), (0.1, 190, 112), (0.25, 1_000, 5), (2.0, 1_000, 1), (10.0, 2, 2)],
)
def test_a_hopeless_transform_is_cancelled_early(seconds_each: float, number: int, done: int) -> None:
    seconds = Seconds(15.05)
    worked = 0
    try:
        for _ in TimeLimit(seconds).pace_passes([*range(number)]):
            worked += 1
            seconds.left -= seconds_each
    except TransformTooSlow:
        assert worked < number
    assert worked == done
