"""Runs of a function in one Region: environments, cold starts, limits and throttling, run by run."""

import heapq
import math
import random
from dataclasses import dataclass

MAX_CONCURRENCY = 1_000
"""Concurrent runs of an account in a Region, by default (Lambda quotas)."""
MAX_RUNS_PER_SECOND = 10_000
"""Runs per second in a Region: ten times the concurrency ("Understanding Lambda function scaling")."""
SCALING_PER_SECOND = 100.0
"""New environments of a function: 1,000 in ten seconds ("Lambda scaling behavior")."""
COLD_SECONDS = 0.35
"""Assumed time in which an environment starts, before the function runs."""

_MAX_RUNS = 150_000
_SPREAD = 0.4
_MEAN = math.exp(_SPREAD**2 / 2)
"""Mean of the lognormal distribution around a median of 1."""


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Result of a simulation.

    Attributes:
        requested: runs that were requested.
        throttled: runs that Lambda refused: 503 at the edge, 429 at a function URL.
        cold: runs in a new environment.
        concurrency: the largest number of concurrent runs.
        needed: concurrent runs without limits: rate times duration.
    """

    requested: int
    throttled: int
    cold: int
    concurrency: int
    needed: float

    @property
    def throttled_share(self) -> float:
        """Share of the runs that Lambda refused."""
        return self.throttled / self.requested if self.requested else 0.0


def simulate_runs(rate: float, run_seconds: float, *, seconds: float, warm: bool, seed: int = 1) -> Runs:
    """Simulate runs that are requested at random.

    Args:
        rate: requested runs per second. At the rate of many images, requests are independent of each other.
        run_seconds: mean duration of a run.
        seconds: simulated time, in which Lambda ends no idle environment; shorter if there would be too many
            runs.
        warm: begin with enough environments; else with none.
        seed: seed of the random numbers.
    """
    source = random.Random(seed)  # noqa: S311  # traffic, not secrets
    needed = rate * run_seconds
    idle = min(MAX_CONCURRENCY, int(needed + 3 * needed**0.5) + 1) if warm else 0
    busy: list[float] = []
    now, requested, throttled, cold, most = 0.0, 0, 0, 0, 0
    environments, refilled = SCALING_PER_SECOND * 10, 0.0
    second, in_second = 0, 0
    while rate and requested < _MAX_RUNS:
        now += source.expovariate(rate)
        if now > seconds:
            break
        requested += 1
        while busy and busy[0] <= now:
            heapq.heappop(busy)
            idle += 1
        environments = min(SCALING_PER_SECOND * 10, environments + (now - refilled) * SCALING_PER_SECOND)
        refilled = now
        if int(now) > second:
            second, in_second = int(now), 0
        in_second += 1
        duration = source.lognormvariate(0, _SPREAD) * run_seconds / _MEAN
        if in_second > MAX_RUNS_PER_SECOND:
            throttled += 1
        elif idle:
            idle -= 1
            heapq.heappush(busy, now + duration)
        elif len(busy) < MAX_CONCURRENCY and environments >= 1:
            environments -= 1
            cold += 1
            heapq.heappush(busy, now + COLD_SECONDS + duration)
        else:
            throttled += 1
        most = max(most, len(busy))
    return Runs(requested=requested, throttled=throttled, cold=cold, concurrency=most, needed=needed)
