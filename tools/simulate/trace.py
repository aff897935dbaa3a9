"""Traces: requests of viewers and replacements of originals in order of time, with Zipf popularity."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tools.simulate.system import System


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request of a viewer, or the replacement of an original.

    Attributes:
        second: time since the start.
        original: number of the original, 0 is the most popular.
        size: number of the size; None for a replacement.
        service_seconds: measured time until the response arrived; 0 in a trace that was not sent yet.
    """

    second: float
    original: int
    size: int | None
    service_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class TraceOptions:
    """Extent of a trace.

    Attributes:
        requests: number of requests.
        originals: number of originals.
        sizes: number of sizes of each original.
        zipf: exponent of the popularity.
        seconds: duration.
        replacements: number of replacements, spread evenly over the duration.
        seed: seed of the random numbers: the same trace for the same options.
    """

    requests: int
    originals: int
    sizes: int
    zipf: float = 0.9
    seconds: float = 60.0
    replacements: int = 0
    seed: int = 1


def make_trace(options: TraceOptions) -> list[Visit]:
    """Return a trace in order of time."""
    source = random.Random(options.seed)  # noqa: S311  # traffic, not secrets
    weights = list(itertools.accumulate(rank**-options.zipf for rank in range(1, options.originals + 1)))
    originals = source.choices(range(options.originals), cum_weights=weights, k=options.requests)
    visits = [
        Visit(
            second=source.uniform(0, options.seconds), original=original, size=source.randrange(options.sizes)
        )
        for original in originals
    ]
    for number in range(options.replacements):
        second = options.seconds * (number + 1) / (options.replacements + 1)
        # Popular originals are replaced: those of which the caches have most.
        visits.append(Visit(second=second, original=number % options.originals, size=None))
    return sorted(visits, key=lambda visit: visit.second)


def replay(trace: Sequence[Visit], system: System) -> None:
    """Send a trace through the model. All viewers are at one edge location."""
    for visit in trace:
        if visit.size is None:
            system.replace(visit.original)
        else:
            key = (visit.original, visit.size)
            system.request(visit.second, 0, key, service_seconds=visit.service_seconds)
