"""Runs under the limits of Lambda, and percentiles of the time to first byte."""

import pytest

from tools.simulate.functions import MAX_CONCURRENCY, simulate_runs
from tools.simulate.latency import Route, find_percentiles


def test_concurrency_is_rate_times_duration() -> None:
    """Little's law."""
    runs = simulate_runs(200, 0.5, seconds=60, warm=True)
    assert runs.needed == 100
    assert runs.throttled == 0
    assert 100 <= runs.concurrency < 150
    assert runs.requested == pytest.approx(12_000, rel=0.05)


def test_runs_over_the_limit_are_throttled() -> None:
    runs = simulate_runs(4_000, 0.5, seconds=20, warm=True)
    assert runs.needed == 2_000
    assert runs.concurrency == MAX_CONCURRENCY
    # Erlang's loss: half of the load finds no environment.
    assert runs.throttled_share == pytest.approx(0.5, abs=0.05)


def test_more_than_ten_thousand_runs_per_second_are_throttled() -> None:
    runs = simulate_runs(14_000, 0.005, seconds=5, warm=True)
    assert runs.concurrency < MAX_CONCURRENCY
    assert runs.throttled_share == pytest.approx(4 / 14, abs=0.03)


def test_a_cold_start_takes_environments_and_time() -> None:
    cold, warm = (simulate_runs(300, 0.1, seconds=10, warm=state) for state in (False, True))
    assert cold.cold > 50
    assert warm.cold < 20
    assert cold.concurrency > warm.concurrency
    burst = simulate_runs(8_000, 0.1, seconds=3, warm=False)
    assert burst.throttled > 0


def test_no_runs() -> None:
    runs = simulate_runs(0, 0.1, seconds=10, warm=True)
    assert (runs.requested, runs.throttled_share, runs.needed) == (0, 0, 0)


def test_percentiles_of_two_routes() -> None:
    found = find_percentiles([Route(90, 0.02), Route(10, 0.5)])
    assert found[50] == pytest.approx(0.02, rel=0.2)
    assert found[95] == pytest.approx(0.5, rel=0.1)
    assert found[95] < found[99]
    single = find_percentiles([Route(5, 0.1)])
    assert single[50] == pytest.approx(0.1, rel=1e-6)
