"""Send the same trace through the model and through the local stack, and compare the counts."""

import http.client
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tools.console import ToolError
from tools.load.running_stack import RunningStack
from tools.load.site import Site, open_site
from tools.simulate.system import Layout, System
from tools.simulate.trace import TraceOptions, Visit, make_trace, replay

MAX_DIFFERENCE = 0.02
"""Largest difference of a count of the model, relative to the count of the stack."""


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A trace and the time for which caches keep its images."""

    name: str
    options: TraceOptions
    ttl_seconds: int


SCENARIOS = (
    Scenario(
        name="popular images",
        options=TraceOptions(requests=400, originals=40, sizes=4, zipf=0.9, seconds=1, seed=1),
        ttl_seconds=86_400,
    ),
    Scenario(
        name="replaced images",
        options=TraceOptions(
            requests=400, originals=25, sizes=4, zipf=1.1, seconds=1, replacements=12, seed=2
        ),
        ttl_seconds=86_400,
    ),
    Scenario(
        name="short TTL",
        options=TraceOptions(requests=400, originals=20, sizes=3, zipf=0.7, seconds=12, seed=3),
        ttl_seconds=3,
    ),
)

_FUNCTION_RUNS = {"edge_resize": "origin", "object_lambda": "origin", "regional_resize": "makings"}
"""The count of the model that is the number of function runs."""
REQUESTED_VARIANTS = tuple(_FUNCTION_RUNS)
"""Variants whose sizes are requested by URL."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Counts of one trace.

    Attributes:
        scenario: name of the trace.
        variant: the variant.
        requests: requests of the trace.
        model: counts of the model.
        stack: counts of the local stack.
    """

    scenario: str
    variant: str
    requests: int
    model: Counter[str]
    stack: Counter[str]

    @property
    def difference(self) -> float:
        """The largest difference of a count, relative to the count of the stack."""
        return max(abs(self.model[name] - self.stack[name]) / max(1, self.stack[name]) for name in self.stack)

    def __str__(self) -> str:
        """Return a line with each count of the model and of the stack, and their largest difference."""
        counts = ", ".join(f"{name} {self.model[name]}/{self.stack[name]}" for name in sorted(self.stack))
        return (
            f"{self.variant}, {self.scenario}: {self.requests} requests; model/stack: {counts}; "
            f"largest difference {100 * self.difference:.1f} %"
        )


def compare(stack: RunningStack, variant: str, scenario: Scenario) -> Comparison:
    """Count what a trace causes on the local stack, and in the model with the times of the stack.

    Raises:
        ToolError: the variant does not run, or a response is not an image.
    """
    site = open_site(stack, variant, "trace", cache_control=f"max-age={scenario.ttl_seconds}")
    for original in range(scenario.options.originals):
        site.upload(original)
    mark = stack.mark()
    counts: Counter[str] = Counter()
    timed = list(_replay_locally(site, make_trace(scenario.options), counts))
    time.sleep(1)  # the last lines of the logs
    log = stack.read_function_log(mark, variant)
    counts["runs"] = sum(line.startswith("START ") for line in log)
    counts["makings"] = sum('"outcome": "made"' in line for line in log)
    system = System(Layout(edge_seconds=scenario.ttl_seconds, ttl_seconds=scenario.ttl_seconds))
    replay(timed, system)
    model = Counter(
        hits=system.counts["edge"],
        runs=system.counts[_FUNCTION_RUNS[variant]],
        makings=system.counts["makings"],
    )
    if variant == "object_lambda":  # makes nothing that stays
        del model["makings"], counts["makings"]
    return Comparison(
        scenario=scenario.name,
        variant=variant,
        requests=scenario.options.requests,
        model=model,
        stack=counts,
    )


def _replay_locally(site: Site, trace: Sequence[Visit], counts: Counter[str]) -> Iterator[Visit]:
    """Send a trace, at its pace or slower, and yield the visits with the times at which they were sent."""
    edge = urlsplit(site.url)
    connection = http.client.HTTPConnection(str(edge.hostname), edge.port, timeout=120)
    started = time.time()
    for visit in trace:
        time.sleep(max(0.0, started + visit.second - time.time()))
        sent = time.time() - started
        if visit.size is None:
            site.upload(visit.original)
            site.purge(visit.original)
        else:
            connection.request("GET", site.target(visit.original, visit.size))
            response = connection.getresponse()
            response.read()
            if response.status != http.HTTPStatus.OK:
                raise ToolError(f"{site.target(visit.original, visit.size)} gave {response.status}.")
            counts["hits"] += str(response.headers["X-Cache"]).startswith("Hit ")
        yield replace(visit, second=sent, service_seconds=time.time() - started - sent)
    connection.close()


def validate(stack: RunningStack, variants: Sequence[str]) -> list[Comparison]:
    """Compare all traces with the variants.

    Raises:
        ToolError: a count differs by more than `MAX_DIFFERENCE`.
    """
    comparisons = []
    for variant in variants:
        for scenario in SCENARIOS:
            comparison = compare(stack, variant, scenario)
            print(comparison, flush=True)
            comparisons.append(comparison)
    wrong = [comparison for comparison in comparisons if comparison.difference > MAX_DIFFERENCE]
    if wrong:
        raise ToolError(f"Model and stack differ by more than 2 %: {wrong[0]}")
    return comparisons
