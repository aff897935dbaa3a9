"""The model of the caches: single requests, equal counts with and without skipped hits, and scale."""

import math
import random
from dataclasses import replace

import pytest

from tools.cost.workload import MONTH_SECONDS, REGIONAL_CACHES, SHARES, Workload, estimate_flow
from tools.simulate.month import simulate_month
from tools.simulate.system import Layout, Level, System
from tools.simulate.trace import TraceOptions, make_trace, replay

LAYOUT = Layout(edge_seconds=100, ttl_seconds=1_000, regional=13, shield=True)
KEY = (0, 0)


def test_each_layer_serves_its_objects() -> None:
    system = System(LAYOUT)
    steps = [
        (0, 0, Level.ORIGIN),
        (50, 0, Level.EDGE),
        (150, 0, Level.REGIONAL),  # expired at the edge
        (150, 13, Level.REGIONAL),  # another edge location of the same regional cache
        (150, 1, Level.SHIELD),  # another regional cache
        (160, 1, Level.EDGE),
        (999, 2, Level.SHIELD),
        (1_001, 2, Level.ORIGIN),  # the copy of second 999 had an age of 999
    ]
    for second, location, level in steps:
        assert system.request(second, location, KEY) is level, second
    assert system.counts["requests"] == len(steps)
    assert system.counts["makings"] == 1


def test_replacement_empties_caches_and_store() -> None:
    system = System(LAYOUT)
    for key in (KEY, (0, 1), (1, 0)):
        system.request(0, 0, key)
    system.replace(0)
    assert system.request(1, 0, KEY) is Level.ORIGIN
    assert system.request(1, 0, (1, 0)) is Level.EDGE
    assert system.counts["makings"] == 4


def test_a_trace_is_reproducible_and_popular_images_come_first() -> None:
    options = TraceOptions(requests=2_000, originals=50, sizes=3, replacements=5, zipf=1.0)
    trace = make_trace(options)
    assert trace == make_trace(options)
    assert trace != make_trace(replace(options, seed=2))
    assert [visit.second for visit in trace] == sorted(visit.second for visit in trace)
    counts = [
        sum(visit.original == number and visit.size is not None for visit in trace) for number in (0, 9)
    ]
    # Rank 1 and rank 10 differ by ten with an exponent of 1.
    assert counts[0] / counts[1] == pytest.approx(10, rel=0.4)
    system = System(Layout(edge_seconds=60, ttl_seconds=60))
    replay(trace, system)
    assert system.counts["requests"] == 2_000
    assert system.counts["replacements"] == 5
    assert system.counts["edge"] + system.counts["origin"] == 2_000


@pytest.mark.parametrize("shield", [False, True])
def test_skipped_hits_change_no_count(shield: bool) -> None:  # noqa: FBT001
    """All requests one by one, and the month that skips hits, send equally many requests to the origin."""
    workload = Workload(
        requests=50_000, originals=20, sizes=1, ttl_seconds=43_200.0, replaced=0, shield=shield
    )
    source = random.Random(7)  # noqa: S311
    layout = Layout(edge_seconds=43_200, ttl_seconds=43_200, regional=REGIONAL_CACHES, shield=shield)
    system = System(layout)
    rates = [rate for count, rate in workload.classes() for _ in range(round(count))]
    arrivals = sorted(
        (source.uniform(0, MONTH_SECONDS), number)
        for number, rate in enumerate(rates)
        for _ in range(round(rate * MONTH_SECONDS))
    )
    locations = source.choices(range(len(SHARES)), SHARES, k=len(arrivals))
    for (second, number), location in zip(arrivals, locations, strict=True):
        system.request(second, location, (number, 0))
    month = simulate_month(workload)
    for level in (Level.REGIONAL, Level.SHIELD, Level.ORIGIN):
        counted = system.counts[level.name.lower()]
        assert month.levels[level] == pytest.approx(counted, rel=0.05, abs=30), level


@pytest.mark.parametrize("requests", [1e5, 1e10])
def test_sample_and_formula_agree_at_every_volume(requests: float) -> None:
    """The formula of `invoke cost` has no samples."""
    workload = Workload.of_volume(requests, round(requests / 5e3))
    month = simulate_month(workload)
    assert month.flow.hit_ratio == pytest.approx(estimate_flow(workload).hit_ratio, abs=0.02)
    assert sum(month.levels.values()) == pytest.approx(requests)


def test_replaced_originals_are_made_again() -> None:
    """A popular derivative of each replaced original is made once more."""
    workload = Workload(requests=1e8, originals=50, sizes=2, replaced=0.3)
    month = simulate_month(workload)
    assert month.makings == pytest.approx(50 * 2 * 0.3, rel=0.35)
    assert simulate_month(replace(workload, replaced=0)).makings == 0


def test_origin_shield_and_a_longer_ttl_relieve_the_origin() -> None:
    workload = Workload.of_volume(3e5)
    plain = simulate_month(workload).levels[Level.ORIGIN]
    assert simulate_month(replace(workload, shield=True)).levels[Level.ORIGIN] < 0.6 * plain
    week = simulate_month(replace(workload, ttl_seconds=7 * 86_400.0)).levels[Level.ORIGIN]
    assert week < 0.8 * plain
    assert not math.isclose(week, plain)
