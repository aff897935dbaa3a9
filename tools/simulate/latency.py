"""Percentiles of the time to first byte, from the ways that requests take."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_SPREAD = 0.35
"""Standard deviation of the logarithm of a time around its median."""
_PERCENTILES = (50, 95, 99)


class Route(NamedTuple):
    """One way of requests.

    Attributes:
        weight: number of requests.
        seconds: median time to first byte.
    """

    weight: float
    seconds: float


def find_percentiles(routes: Sequence[Route]) -> Mapping[int, float]:
    """Return percentile => seconds of the mixture of all routes, each with a lognormal distribution."""
    total = sum(route.weight for route in routes)
    return {percentile: _find(routes, total * percentile / 100) for percentile in _PERCENTILES}


def _find(routes: Sequence[Route], below: float) -> float:
    """Return the time within which so many requests are served, by bisection."""
    low, high = 1e-4, 1e3
    for _ in range(60):
        middle = math.sqrt(low * high)
        served = sum(
            route.weight * 0.5 * (1 + math.erf(math.log(middle / route.seconds) / _SPREAD / math.sqrt(2)))
            for route in routes
        )
        low, high = (middle, high) if served < below else (low, middle)
    return high
