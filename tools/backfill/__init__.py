"""Commands for derivatives that are made ahead: `invoke backfill` and `invoke redrive`."""

from tools.backfill.backfill import backfill
from tools.backfill.redrive import redrive

__all__ = ["backfill", "redrive"]
