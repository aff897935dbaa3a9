"""Estimate of the cost of a backfill.

Prices are US dollars in us-east-1 from aws.amazon.com/s3/pricing and aws.amazon.com/lambda/pricing, as of
November 2026, without free tier and volume discounts.
"""

from dataclasses import dataclass

# S3 pricing, "Management & insights": $0.25 per job, $1.00 per million objects processed.
_JOB, _TASK = 0.25, 1.00 / 1_000_000
# S3 pricing, "Requests & data retrievals", S3 Standard: GET and HEAD $0.0004, PUT and LIST $0.005 per 1,000.
_READ, _WRITE = 0.0004 / 1_000, 0.005 / 1_000
# Lambda pricing, x86: $0.20 per million requests, $0.0000166667 per GB-second.
_INVOCATION, _GIGABYTE_SECOND = 0.20 / 1_000_000, 0.0000166667

# Measured for a camera's JPEG in a function of 1,769 MB, which has one full core.
_SECONDS, _GIGABYTES = 0.5, 1769 / 1024


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
        batch_operations=_JOB + objects * _TASK,
        functions=objects * _INVOCATION + derivatives * _SECONDS * _GIGABYTES * _GIGABYTE_SECOND,
        requests=derivatives * (effort.reads * _READ + _WRITE),
    )
