"""The moment until which work may take."""

from typing import NamedTuple

import pytest
from lambda_runtime import Deadline


class Context(NamedTuple):
    """What Lambda hands to a handler, with a fixed time that is left."""

    milliseconds: int

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that is left."""
        return self.milliseconds


def test_the_end_of_an_invocation_leaves_a_margin() -> None:
    before = Deadline.after(7)
    deadline = Deadline.of_invocation(Context(10_000), margin_seconds=3)
    assert before <= deadline <= Deadline.after(7)


def test_the_earlier_of_two() -> None:
    soon, late = Deadline.after(10), Deadline.after(1_000)
    assert soon.no_later_than(1_000) == soon
    assert soon < late.no_later_than(100) < late


def test_nothing_is_left_after_a_deadline() -> None:
    over = Deadline.after(-1)
    assert over.remaining_seconds() == 0
    with pytest.raises(TimeoutError):
        over.timeout_seconds()
    assert 0 < Deadline.after(1_000).timeout_seconds() <= 1_000
