"""What a backfill costs, roughly."""

from dataclasses import dataclass

# US dollars in us-east-1 by AWS's price lists; the free tier left out.
_JOB = 0.25
_TASK = 1.00 / 1_000_000
_INVOCATION = 0.20 / 1_000_000
_GIGABYTE_SECOND = 0.0000166667
_READ = 0.0004 / 1_000
_WRITE = 0.005 / 1_000

# Of a picture from a camera: two looks at both buckets, the picture itself, the derivative.
_READS, _WRITES = 5, 1
# Half a second of a full core, in a function of 1,769 MB.
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
            f"About {total:,.2f} US dollars: S3 Batch Operations {self.batch_operations:,.2f}, Lambda "
            f"{self.functions:,.2f} at {_SECONDS} s a picture, S3 requests {self.requests:,.2f} "
            "(prices of us-east-1; look up those of your Region)."
        )


def cost_of(objects: int) -> Cost:
    """What a backfill of so many objects costs, if none has a derivative yet."""
    return Cost(
        batch_operations=_JOB + objects * _TASK,
        functions=objects * (_INVOCATION + _SECONDS * _GIGABYTES * _GIGABYTE_SECOND),
        requests=objects * (_READS * _READ + _WRITES * _WRITE),
    )
