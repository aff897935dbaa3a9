"""Commands for the variant s3_trigger: `invoke backfill` and `invoke redrive`."""

from tools.backfill.backfill import backfill
from tools.backfill.redrive import redrive

__all__ = ["backfill", "redrive"]
