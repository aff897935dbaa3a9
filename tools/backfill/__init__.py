"""The library of pictures behind the variant s3_trigger: what was there before, and what went wrong."""

from tools.backfill.backfill import backfill
from tools.backfill.redrive import redrive

__all__ = ["backfill", "redrive"]
