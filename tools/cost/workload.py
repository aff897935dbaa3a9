"""The traffic of a site: how much, how it is spread over the images, and how long caches keep an image."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from tools.console import ToolError

MONTH_SECONDS = 30 * 86_400
REQUESTS_PER_ORIGINAL = 1_000
"""Requests a month for each original, unless the number of originals is given."""

EDGE_LOCATIONS, REGIONAL_CACHES = 50, 13
"""Places of caches in the models. CloudFront has 13 regional edge caches (https://aws.amazon.com/cloudfront/features/)
and more than 600 points of presence, of which a site's viewers use some."""
SHARES = tuple(
    (1 / rank) / sum(1 / other for other in range(1, EDGE_LOCATIONS + 1))
    for rank in range(1, EDGE_LOCATIONS + 1)
)
"""Share of the viewers at each edge location; the location n fetches from the regional cache n modulo 13."""
REGIONAL_SHARES = tuple(sum(SHARES[number::REGIONAL_CACHES]) for number in range(REGIONAL_CACHES))
"""Share of the viewers behind each regional cache: a quarter behind the busiest."""
EDGE_KEEPS_SECONDS = 86_400
"""The longest time for which an edge location keeps an image in the models. CloudFront documents no time: an
edge location evicts images that are requested rarely, and a regional cache keeps them longer."""

_FIRST_RANKS, _GROWTH = 200, 1.04


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A month of traffic.

    Attributes:
        requests: requests of viewers a month.
        originals: number of originals that pages show.
        sizes: derivatives of each original in use: widths times formats.
        average_bytes: bytes of an average response.
        zipf: exponent of the popularity: the original of rank r gets a share of 1 / r ** zipf.
        ttl_seconds: time for which CloudFront may cache an image.
        replaced: share of the originals that is new or replaced in a month.
        shield: True if Origin Shield is enabled.
        hit_ratio: share of the requests that CloudFront serves from its caches; None for the model's.
    """

    requests: float
    originals: int
    sizes: int = 6
    average_bytes: int = 40_000
    zipf: float = 0.9
    ttl_seconds: float = 86_400.0
    replaced: float = 0.05
    shield: bool = False
    hit_ratio: float | None = None

    def __post_init__(self) -> None:
        """Refuse numbers without a meaning.

        Raises:
            ToolError: a number is out of its range.
        """
        # The keys are the options of the command line, which messages name.
        ranges = {
            "requests": (self.requests, 1, 1e12),
            "originals": (self.originals, 1, 1e10),
            "sizes": (self.sizes, 1, 1_000),
            "average-bytes": (self.average_bytes, 1, 1e9),
            "zipf": (self.zipf, 0, 3),
            "ttl-days": (self.ttl_seconds / 86_400, 0.0001, 365),
            "replaced": (self.replaced, 0, 100),
            "hit-ratio": (self.hit_ratio, 0, 1),
        }
        for flag, (value, low, high) in ranges.items():
            if value is not None and not low <= value <= high:
                raise ToolError(
                    f"--{flag} takes a number from {low:,.13g} to {high:,.13g}, not {value:,.13g}."
                )

    @classmethod
    def of_volume(cls, requests: float, originals: int | None = None, **others: float | None) -> Self:
        """Return the workload of a number of requests a month, with the usual number of originals."""
        usual = max(100, round(requests / REQUESTS_PER_ORIGINAL))
        return replace(cls(requests=requests, originals=usual if originals is None else originals), **others)  # type: ignore[arg-type]

    def classes(self) -> Iterator[tuple[float, float]]:
        """Return classes of equally popular derivatives.

        Returns:
            Pairs of the number of derivatives and the requests per second for each of them.
        """
        buckets = list(_rank_buckets(self.originals))
        weights = [count * rank**-self.zipf for count, rank in buckets]
        scale = self.requests / MONTH_SECONDS / sum(weights)
        for (count, _), weight in zip(buckets, weights, strict=True):
            yield count * self.sizes, weight * scale / (count * self.sizes)


def _rank_buckets(originals: int) -> Iterator[tuple[int, float]]:
    """Return pairs of a number of consecutive ranks and their geometric mean: at first single ranks."""
    first = 1
    while first <= originals:
        last = first if first <= _FIRST_RANKS else min(originals, int(first * _GROWTH))
        yield last - first + 1, math.sqrt(first * last)
        first = last + 1


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Number of requests a month to CloudFront, Origin Shield and the origin.

    Attributes:
        requests: requests of viewers.
        shield_requests: requests that Origin Shield receives.
        origin_requests: requests that reach the origin: function or S3.
        makings: derivatives that are made in a usual month, because originals are new or replaced.
        first_makings: derivatives that are made once, in the first month.
        paths: invalidation paths, if each replaced original costs one.
    """

    requests: float
    shield_requests: float
    origin_requests: float
    makings: float
    first_makings: float
    paths: float

    @property
    def hit_ratio(self) -> float:
        """Share of the requests that CloudFront serves without the origin."""
        return 1 - self.origin_requests / self.requests


def estimate_flow(workload: Workload) -> Flow:
    """Estimate the requests at each place, with caches that expire and request rates that do not change.

    The caches of a Region expire together, because a response carries its age. They fetch an object that they
    keep for T seconds, and that all viewers of the Region request at random at a rate of r, once in T + 1/r
    seconds.
    """
    at_regional = at_origin = requested = 0.0
    for count, rate in workload.classes():
        regional = sum(_fetch_rate(rate * share, workload.ttl_seconds) for share in REGIONAL_SHARES)
        origin = _fetch_rate(rate, workload.ttl_seconds) if workload.shield else regional
        at_regional += count * regional * MONTH_SECONDS
        at_origin += count * origin * MONTH_SECONDS
        requested += count * -math.expm1(-rate * MONTH_SECONDS)
    if workload.hit_ratio is not None:
        at_origin = workload.requests * (1 - workload.hit_ratio)
        at_regional = max(at_regional, at_origin)
    makings = min(requested * workload.replaced, at_origin)
    return Flow(
        requests=workload.requests,
        shield_requests=at_regional if workload.shield else 0.0,
        origin_requests=at_origin,
        makings=makings,
        first_makings=requested,
        paths=workload.originals * workload.replaced,
    )


def _fetch_rate(rate: float, keeps_seconds: float) -> float:
    return 1 / (keeps_seconds + 1 / rate)
