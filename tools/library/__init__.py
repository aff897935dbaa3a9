"""The library of pictures behind the variant s3_trigger: what was there before, and what went wrong."""

from tools.library.backfill import backfill
from tools.library.redrive import redrive

__all__ = ["backfill", "redrive"]
