"""Deadlines as points in time."""

from typing import NamedTuple

import pytest
from lambda_runtime import Deadline


class Context(NamedTuple):
    """A context object with a fixed remaining time."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time."""
        return self.milliseconds


def test_the_deadline_of_an_invocation_leaves_a_margin() -> None:
    before = Deadline.after(7)
    deadline = Deadline.of_invocation(Context(10_000), margin_seconds=3)
    assert before <= deadline <= Deadline.after(7)


def test_no_later_than_returns_the_earlier_deadline() -> None:
    near, far = Deadline.after(10), Deadline.after(1_000)
    assert near.no_later_than(1_000) == near
    assert near < far.no_later_than(100) < far


def test_no_time_remains_after_the_deadline() -> None:
    passed = Deadline.after(-1)
    assert passed.remaining_seconds() == 0
    with pytest.raises(TimeoutError):
        passed.timeout_seconds()
    assert 0 < Deadline.after(1_000).timeout_seconds() <= 1_000
