"""The report of a load: requests per second of one core, and the growth of memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tools.load.viewers import Responses

MAX_GROWTH_BYTES = 8 * 2**20
"""Memory may differ by so much between the second and the last quarter of a run."""
_MEBIBYTE = 2**20


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Resident memory of the parts of the stack, once a second.

    Attributes:
        samples: name of a part => bytes of all of its processes together.
    """

    samples: Mapping[str, Sequence[int]]

    def describe(self) -> str:
        """Return the memory of each part in the second and in the last quarter of the run, in MiB."""
        parts = []
        for name in sorted(self.samples):
            early, late = quarters(self.samples[name])
            parts.append(f"{name} {early / _MEBIBYTE:.1f} -> {late / _MEBIBYTE:.1f}")
        return "memory in MiB, second and last quarter: " + ", ".join(parts)

    def growing(self) -> list[str]:
        """Return the parts that grow, except the emulator, which keeps all objects and logs in memory."""
        pairs = {name: quarters(samples) for name, samples in self.samples.items() if name != "emulator"}
        return [name for name, (early, late) in pairs.items() if late - early > MAX_GROWTH_BYTES]


def quarters(samples: Sequence[int]) -> tuple[float, float]:
    """Return the medians of the second and of the last quarter; the first quarter fills caches."""
    quarter = max(1, len(samples) // 4)
    return median(samples[quarter : 2 * quarter] or samples), median(samples[-quarter:])


def describe_server(name: str, responses: Responses, cpu_seconds: float) -> str:
    """Return a line with the requests, errors and the rate on one core."""
    errors = sum(responses.errors.values())
    per_request = cpu_seconds / max(1, responses.count)
    return (
        f"{name}: {responses.count:,} requests in {responses.seconds:.0f} s, {errors} errors"
        f"{' ' + str(dict(responses.errors)) if errors else ''}, "
        f"{responses.bytes / max(1, responses.count) / 1024:.1f} KiB each; "
        f"{per_request * 1e6:.0f} us of processor time per request = "
        f"{1 / per_request if per_request else 0:,.0f} requests/s on one core"
    )
