"""A deployment at a volume: caches, function, S3, time to first byte and cost of each variant."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tools.cost.estimate import EDGE_VARIANTS, VARIANTS, estimate
from tools.cost.events import Event, billed_seconds, load_events
from tools.cost.workload import MONTH_SECONDS, REGIONAL_SHARES, Workload
from tools.simulate.functions import COLD_SECONDS, Runs, simulate_runs
from tools.simulate.latency import Route, find_percentiles
from tools.simulate.month import Month, simulate_month
from tools.simulate.system import Level

PEAK = 3.0
"""Requests per second in the busiest hour, relative to the mean of the month."""
START_SECONDS = 10.0
"""Duration of the start with empty caches."""
MAX_READS_PER_SECOND = 5_500
"""GETs and HEADs per second of S3 for each partitioned prefix ("Optimizing Amazon S3 performance")."""

# Assumed medians in seconds.
_TO_EDGE, _TO_REGIONAL, _TO_SHIELD, _TO_S3, _INVOKE = 0.020, 0.025, 0.040, 0.050, 0.015


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """Results of one variant at one volume.

    Attributes:
        variant: the variant.
        requests: requests a month.
        hit_ratio: share of the requests that the caches serve.
        runs: function runs a month.
        makings: derivatives that are made in a usual month.
        peak: runs in the busiest Region, in the busiest hour.
        start: runs in the busiest Region in the first seconds with empty caches and without derivatives.
        reads_per_second: GETs and HEADs of S3 in the busiest hour.
        start_reads_per_second: the same in the first seconds.
        first_byte_seconds: percentile => time to first byte.
        paths: invalidation paths a month.
        dollars: US dollars a month.
    """

    variant: str
    requests: float
    hit_ratio: float
    runs: float
    makings: float
    peak: Runs
    start: Runs
    reads_per_second: float
    start_reads_per_second: float
    first_byte_seconds: Mapping[int, float]
    paths: float
    dollars: float


def simulate_volume(workload: Workload, region: str = "us-east-1") -> list[Scaled]:
    """Simulate a month of all variants. `s3_trigger` has a single size, so its caches are simulated apart."""
    month = simulate_month(workload)
    single = replace(workload, sizes=1)
    single_month = simulate_month(single)
    return [
        _scale(variant, single_month if variant == "s3_trigger" else month, region) for variant in VARIANTS
    ]


def _scale(variant: str, month: Month, region: str) -> Scaled:
    workload, events = month.workload, load_events()[variant]
    costs = estimate(variant, workload, region, month.flow)
    origin = costs.flow.origin_requests
    makings = origin if variant == "object_lambda" else costs.flow.makings
    hits = origin if variant == "s3_trigger" else origin - makings
    make, hit = events["make"], events.get("hit", _NOTHING)
    runs = hits * hit.runs + makings * make.runs
    spent = hits * _run_seconds(variant, "hit", hit) + makings * _run_seconds(variant, "make", make)
    share = month.busiest if variant in EDGE_VARIANTS else 1.0
    peak = simulate_runs(
        PEAK * share * runs / MONTH_SECONDS, spent / runs if runs else 0.0, seconds=60, warm=True
    )
    fetches, derivatives = _start_rates(workload)
    start_runs = {"edge_resize": fetches * max(REGIONAL_SHARES), "object_lambda": fetches}.get(
        variant, 0.0 if variant == "s3_trigger" else derivatives
    )
    start = simulate_runs(start_runs, _run_seconds(variant, "make", make), seconds=START_SECONDS, warm=False)
    reads = hits * hit.reads + makings * make.reads
    start_reads = fetches * (make if variant in ("edge_resize", "object_lambda") else hit).reads
    return Scaled(
        variant=variant,
        requests=workload.requests,
        hit_ratio=month.flow.hit_ratio,
        runs=runs,
        makings=makings,
        peak=peak,
        start=start,
        reads_per_second=PEAK * reads / MONTH_SECONDS,
        start_reads_per_second=start_reads,
        first_byte_seconds=find_percentiles(_find_routes(variant, month, hits, makings, peak)),
        paths=costs.flow.paths,
        dollars=costs.total,
    )


def _start_rates(workload: Workload) -> tuple[float, float]:
    """Return fetches of regional caches and different derivatives per second, with empty caches."""
    fetches = derivatives = 0.0
    for count, rate in workload.classes():
        visits = PEAK * rate * START_SECONDS
        fetches += count * sum(-math.expm1(-visits * share) for share in REGIONAL_SHARES)
        derivatives += count * -math.expm1(-visits)
    return fetches / START_SECONDS, derivatives / START_SECONDS


def _find_routes(variant: str, month: Month, hits: float, makings: float, peak: Runs) -> list[Route]:
    """Return the ways of requests with their times."""
    events = load_events()[variant]
    levels = month.levels
    to_origin = _TO_EDGE + _TO_REGIONAL + (_TO_SHIELD if month.workload.shield else 0.0)
    routes = [
        Route(levels[Level.EDGE], _TO_EDGE),
        Route(levels[Level.REGIONAL], _TO_EDGE + _TO_REGIONAL),
        Route(levels[Level.SHIELD], to_origin),
    ]
    cold_share = peak.cold / peak.requested if peak.requested else 0.0
    for count, name in ((hits, "hit"), (0.0 if variant == "s3_trigger" else makings, "make")):
        event = events.get(name, _NOTHING)
        seconds = to_origin + (0.0 if variant == "object_lambda" else _TO_S3)
        if not event.runs:
            routes.append(Route(count, seconds))
            continue
        seconds += _INVOKE + _run_seconds(variant, name, event)
        routes.append(Route(count * (1 - cold_share), seconds))
        routes.append(Route(count * cold_share, seconds + COLD_SECONDS))
    return routes


_NOTHING = Event(runs=0, cpu_seconds=0, reads=0, writes=0, log_bytes=0)


def _run_seconds(variant: str, name: str, event: Event) -> float:
    return billed_seconds(variant, name, event)
