"""A month at scale: simulate a sample of the derivatives, each with all of its requests.

A sample of the *requests* would change the hit ratio, since each derivative would be requested less often.
The sample is therefore one of the *derivatives*: classes of equal popularity, some derivatives of each class,
and for each of these every request that can reach a cache beyond the edge. The requests in between are hits
and need no event: requests arrive at random (Poisson), so that the next one after an expiry is exponentially
distributed, whatever was before. The counts of a derivative are multiplied by the size of its class.
"""

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tools.cost.workload import EDGE_KEEPS_SECONDS, MONTH_SECONDS, REGIONAL_CACHES, SHARES, Flow, Workload
from tools.simulate.system import Layout, Level, System

_SAMPLES_PER_CLASS = 4
_DAY_SECONDS = 86_400.0
_MEASURED_SECONDS = 3 * _DAY_SECONDS
_KEY = (0, 0)


@dataclass
class Month:
    """Counts of a simulated month.

    Attributes:
        workload: the traffic.
        levels: requests of the month by the level that served them.
        makings: derivatives that are made because originals are new or replaced.
        first_makings: derivatives that are made once.
        busiest: share of the origin requests of the busiest regional cache.
        events: simulated events.
    """

    workload: Workload
    levels: Counter[Level] = field(default_factory=Counter)
    makings: float = 0.0
    first_makings: float = 0.0
    busiest: float = 0.0
    events: int = 0

    @property
    def flow(self) -> Flow:
        """The counts as the estimate of the cost takes them."""
        beyond = self.levels[Level.SHIELD] + self.levels[Level.ORIGIN]
        return Flow(
            requests=self.workload.requests,
            shield_requests=beyond if self.workload.shield else 0.0,
            origin_requests=self.levels[Level.ORIGIN],
            makings=min(self.makings, self.levels[Level.ORIGIN]),
            first_makings=self.first_makings,
            paths=self.workload.originals * self.workload.replaced,
        )


def simulate_month(workload: Workload, seed: int = 1) -> Month:
    """Simulate caches that are warm, for some days, and scale the counts to a month.

    A replacement is rare, so that every class has a sample with one, of the weight of its probability.
    """
    source = random.Random(seed)  # noqa: S311  # traffic, not secrets
    month = Month(workload=workload)
    warm = min(2 * workload.ttl_seconds, 10 * _DAY_SECONDS)
    end = warm + _MEASURED_SECONDS
    replaced = -math.expm1(-workload.replaced * end / MONTH_SECONDS)
    by_region: Counter[int] = Counter()
    for count, rate in workload.classes():
        weight = count * MONTH_SECONDS / _MEASURED_SECONDS
        samples = [((1 - replaced) * weight / _SAMPLES_PER_CLASS, end)] * _SAMPLES_PER_CLASS
        samples += [
            (replaced * weight / _SAMPLES_PER_CLASS, source.uniform(0, end))
            for _ in range(_SAMPLES_PER_CLASS)
        ]
        for share, replacement in samples:
            for second, location, level, made in _simulate_object(workload, rate, (replacement, end), source):
                month.events += 1
                if second < warm:
                    continue
                month.levels[level] += share  # type: ignore[assignment]  # a weighted count
                month.makings += share * made
                if level is Level.ORIGIN:
                    by_region[location % REGIONAL_CACHES] += share  # type: ignore[assignment]
        month.first_makings += count * -math.expm1(-rate * MONTH_SECONDS)
    month.levels[Level.EDGE] = workload.requests - sum(month.levels.values())  # type: ignore[assignment]
    total = sum(by_region.values())
    month.busiest = max(by_region.values()) / total if total else 0.0
    return month


def _simulate_object(
    workload: Workload, rate: float, times: tuple[float, float], source: random.Random
) -> Iterator[tuple[float, int, Level, bool]]:
    """Simulate one derivative.

    Args:
        workload: the traffic.
        rate: requests per second for the derivative.
        times: second of the replacement and second of the end, which may be the same.
        source: random numbers.

    Yields:
        The requests that miss at the edge: second, location, level, and if the derivative was made.
    """
    edge_seconds = min(workload.ttl_seconds, EDGE_KEEPS_SECONDS)
    layout = Layout(
        edge_seconds=edge_seconds,
        ttl_seconds=workload.ttl_seconds,
        regional=REGIONAL_CACHES,
        shield=workload.shield,
    )
    system = System(layout)
    system.request(-math.inf, 0, _KEY)  # the derivative was made in an earlier month
    replaced, end = times
    waiting = _next_requests(0.0, rate, end, source)
    while waiting or replaced < end:
        if replaced < end and (not waiting or waiting[0][0] >= replaced):
            system.replace(_KEY[0])
            waiting = _next_requests(replaced, rate, end, source)
            replaced = end
            continue
        second, location = heapq.heappop(waiting)
        makings = system.counts["makings"]
        level = system.request(second, location, _KEY)
        yield second, location, level, system.counts["makings"] > makings
        following = system.edge_expiry(location, _KEY) + source.expovariate(rate * SHARES[location])
        if following < end:
            heapq.heappush(waiting, (following, location))


def _next_requests(start: float, rate: float, end: float, source: random.Random) -> list[tuple[float, int]]:
    """Return a heap of the next request at each location."""
    drawn = ((start + source.expovariate(rate * share), location) for location, share in enumerate(SHARES))
    waiting = [request for request in drawn if request[0] < end]
    heapq.heapify(waiting)
    return waiting
