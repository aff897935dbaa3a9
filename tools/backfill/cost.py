"""Estimate of the cost of a backfill, with the prices of us-east-1 and without volume discounts."""

from dataclasses import dataclass

from tools.cost.events import MEMORY_GIGABYTES
from tools.cost.prices import BATCH_JOB, BATCH_TASK, LAMBDA_GIGABYTE_SECOND, LAMBDA_RUN, REGIONS

_PRICES = REGIONS["us-east-1"]
_GIGABYTE_SECOND = LAMBDA_GIGABYTE_SECOND[0][1]

# Measured for a camera's JPEG in a function of 1,769 MB, which has one full core.
_SECONDS = 0.5


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Cost in US dollars by service."""

    batch_operations: float
    functions: float
    requests: float

    def __str__(self) -> str:
        """Return one sentence with the total, the parts and the assumptions."""
        total = self.batch_operations + self.functions + self.requests
        return (
            f"In AWS that costs about {total:,.2f} US dollars: "
            f"S3 Batch Operations {self.batch_operations:,.2f}, Lambda {self.functions:,.2f} "
            f"at {_SECONDS} s an image, S3 requests {self.requests:,.2f} "
            "(prices of us-east-1; an image with an up-to-date derivative costs a fraction)."
        )


@dataclass(frozen=True, kw_only=True)
class Effort:
    """The work for one original.

    Attributes:
        derivatives: number of derivatives, each with a transform and a PUT.
        reads: HEADs and GETs for each derivative.
    """

    derivatives: int
    reads: int


TRIGGER_EFFORT = Effort(derivatives=1, reads=5)
"""s3_trigger sends HEADs for original and derivative before and after, and GETs the original."""


def estimate_cost(objects: int, effort: Effort) -> Cost:
    """Estimate the cost of a backfill of a number of objects, none of which has a derivative yet."""
    derivatives = objects * effort.derivatives
    return Cost(
        batch_operations=BATCH_JOB + objects * BATCH_TASK,
        functions=objects * LAMBDA_RUN + derivatives * _SECONDS * MEMORY_GIGABYTES * _GIGABYTE_SECOND,
        requests=derivatives * (effort.reads * _PRICES.read + _PRICES.write),
    )
