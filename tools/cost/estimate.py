"""The cost of a month by variant and line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tools.cost.events import MEMORY_GIGABYTES, Event, billed_seconds, load_events
from tools.cost.prices import (
    ALARM,
    DASHBOARD,
    EDGE_GIGABYTE_SECOND,
    EDGE_RUN,
    GIGABYTE,
    INVALIDATION,
    LAMBDA_GIGABYTE_SECOND,
    LAMBDA_RUN,
    METRIC,
    REGIONS,
    VIEWER_FUNCTION,
    Prices,
    charge,
)
from tools.cost.workload import Flow, Workload, estimate_flow

VARIANTS = ("edge_resize", "object_lambda", "regional_resize", "s3_trigger")
EDGE_VARIANTS = ("edge_resize",)
"""Variants whose function runs as Lambda@Edge."""
ALARMS, METRICS, DASHBOARDS = 5, 15, 1
"""Alarms, metrics and dashboards of one variant with `monitoring = {}`: seven metrics from the log, and the
eight additional ones of CloudFront."""

LINES = (
    "transfer to viewers",
    "requests of viewers",
    "viewer-request function",
    "Origin Shield",
    "function runs, derivative exists",
    "function runs, making derivatives",
    "S3 requests",
    "S3 storage of derivatives",
    "invalidations",
    "logs",
    "monitoring",
)
"""Lines of the table, in its order."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The cost of one variant.

    Attributes:
        variant: the variant.
        workload: the traffic; `s3_trigger` has one size.
        flow: number of requests a month to CloudFront, Origin Shield and the origin.
        lines: line of the bill => US dollars a month.
        first_month: one-off cost of making all derivatives, in US dollars.
    """

    variant: str
    workload: Workload
    flow: Flow
    lines: Mapping[str, float]
    first_month: float

    @property
    def total(self) -> float:
        """US dollars a month."""
        return sum(self.lines.values())


def estimate(variant: str, workload: Workload, region: str, flow: Flow | None = None) -> Estimate:
    """Estimate the cost of a usual month, in which a share of the originals is new or replaced.

    Args:
        variant: one of `VARIANTS`.
        workload: the traffic.
        region: one of `tools.cost.prices.REGIONS`.
        flow: requests at each place; None for those of the model.
    """
    prices = REGIONS[region]
    if variant == "s3_trigger":
        workload = replace(workload, sizes=1)
    flow = flow or estimate_flow(workload)
    events = load_events()[variant]
    stored = variant != "object_lambda"
    if variant == "s3_trigger":  # makes derivatives on upload, whether they are requested or not
        flow = replace(
            flow, makings=workload.originals * workload.replaced, first_makings=float(workload.originals)
        )
    if variant == "regional_resize":  # whose invalidations the function purge repeats
        flow = replace(flow, paths=2 * flow.paths)
    makings = flow.makings if stored else flow.origin_requests
    hits = flow.origin_requests if variant == "s3_trigger" else flow.origin_requests - makings
    used = [(hits, "hit", events.get("hit")), (makings, "make", events["make"])]
    lines = dict.fromkeys(LINES, 0.0)
    lines["transfer to viewers"] = charge(
        workload.requests * workload.average_bytes / GIGABYTE, prices.transfer
    )
    lines["requests of viewers"] = workload.requests * prices.https_request
    lines["viewer-request function"] = workload.requests * VIEWER_FUNCTION
    lines["Origin Shield"] = flow.shield_requests * prices.shield_request
    lines["invalidations"] = charge(flow.paths, INVALIDATION)
    lines["monitoring"] = ALARMS * ALARM + METRICS * METRIC + DASHBOARDS * DASHBOARD
    if stored:
        kept = flow.first_makings * workload.average_bytes / GIGABYTE
        lines["S3 storage of derivatives"] = charge(kept, prices.storage)
    log_bytes = 0.0
    for count, name, event in used:
        if event is None or not count:
            continue
        where = "function runs, making derivatives" if name == "make" else "function runs, derivative exists"
        lines[where] += _charge_runs(variant, name, event, count)
        lines["S3 requests"] += _charge_requests(event, count, prices)
        log_bytes += count * event.log_bytes
    lines["logs"] = charge(log_bytes / GIGABYTE, prices.log)
    first = 0.0
    if stored:
        making, count = events["make"], flow.first_makings
        first = _charge_runs(variant, "make", making, count) + _charge_requests(making, count, prices)
    return Estimate(variant=variant, workload=workload, flow=flow, lines=lines, first_month=first)


def charge_event(variant: str, name: str, region: str, count: float = 1e6) -> tuple[float, float]:
    """Return US dollars for function runs, and for S3 requests, of some events of a kind."""
    event, prices = load_events()[variant][name], REGIONS[region]
    return _charge_runs(variant, name, event, count), _charge_requests(event, count, prices)


def _charge_runs(variant: str, name: str, event: Event, count: float) -> float:
    runs = count * event.runs
    gigabyte_seconds = count * billed_seconds(variant, name, event) * MEMORY_GIGABYTES
    if variant in EDGE_VARIANTS:
        return runs * EDGE_RUN + gigabyte_seconds * EDGE_GIGABYTE_SECOND
    return runs * LAMBDA_RUN + charge(gigabyte_seconds, LAMBDA_GIGABYTE_SECOND)


def _charge_requests(event: Event, count: float, prices: Prices) -> float:
    return count * (event.reads * prices.read + event.writes * prices.write)
