"""Crafted files are measured in a process of their own and stay within their bounds."""

import itertools
from pathlib import Path

import pytest

from tools.fuzz.animations import apng_of_noise, apng_of_translucent_noise
from tools.fuzz.crafted import Cost, Crafted, crafted_profiles, is_within_bounds, measure

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="the peak memory is read from /proc"
)


@needs_proc
def test_crafted_files_are_within_their_bounds() -> None:
    animations = (
        Crafted("noise", apng_of_noise(64, 2_000), "WEBP"),
        Crafted("translucent noise", apng_of_translucent_noise(300, 70), "WEBP"),
    )
    for crafted in (*itertools.islice(crafted_profiles(6), 6), *animations):
        cost = measure(crafted)
        assert cost.peak_bytes > 0
        assert is_within_bounds(cost), (crafted.kind, cost)


@pytest.mark.parametrize(
    ("cost", "within"),
    [
        (Cost(2.9, 1_600 << 20, "1 frames"), True),
        (Cost(3.1, 1 << 20, "1 frames"), False),
        (Cost(0.1, 1_700 << 20, "1 frames"), False),
        (Cost(float("inf"), 0, "ended with -24"), False),
    ],
)
def test_bounds(cost: Cost, *, within: bool) -> None:
    assert is_within_bounds(cost) is within
