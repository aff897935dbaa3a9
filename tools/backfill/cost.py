"""What a backfill costs, roughly.

US dollars in us-east-1, by aws.amazon.com/s3/pricing and aws.amazon.com/lambda/pricing, looked up in November
2026. The free tier and discounts for large amounts are left out.
"""

from dataclasses import dataclass

# S3 pricing, "Management & insights": $0.25 per job, $1.00 per million objects processed.
_JOB, _TASK = 0.25, 1.00 / 1_000_000
# S3 pricing, "Requests & data retrievals", S3 Standard: GET and HEAD $0.0004, PUT and LIST $0.005 per 1,000.
_READ, _WRITE = 0.0004 / 1_000, 0.005 / 1_000
# Lambda pricing, x86: $0.20 per million requests, $0.0000166667 per GB-second.
_INVOCATION, _GIGABYTE_SECOND = 0.20 / 1_000_000, 0.0000166667

# HEADs of original and derivative before and after, the original, the derivative.
_READS, _WRITES = 5, 1
# A picture from a camera, in a function of 1,769 MB, which has one full core.
_SECONDS, _GIGABYTES = 0.5, 1769 / 1024


@dataclass(frozen=True, kw_only=True)
class Cost:
    """US dollars, by who takes them."""

    batch_operations: float
    functions: float
    requests: float

    def __str__(self) -> str:
        """A sentence."""
        total = self.batch_operations + self.functions + self.requests
        return (
            f"In AWS that costs about {total:,.2f} US dollars: "
            f"S3 Batch Operations {self.batch_operations:,.2f}, Lambda {self.functions:,.2f} "
            f"at {_SECONDS} s a picture, S3 requests {self.requests:,.2f} "
            "(prices of us-east-1; a picture whose derivative is there takes a fraction)."
        )


def cost_of(objects: int) -> Cost:
    """What a backfill of so many objects costs, if none has a derivative yet."""
    return Cost(
        batch_operations=_JOB + objects * _TASK,
        functions=objects * (_INVOCATION + _SECONDS * _GIGABYTES * _GIGABYTE_SECOND),
        requests=objects * (_READS * _READ + _WRITES * _WRITE),
    )
