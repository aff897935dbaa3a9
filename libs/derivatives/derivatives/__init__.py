"""Stored derivatives of an original: listing, staleness, deletion, and CloudFront's invalidation paths."""

from derivatives.invalidation import MAX_WILDCARDS, derivative_paths, merge_paths, viewer_path
from derivatives.store import DerivativeStore, head_original, is_current

__all__ = [
    "MAX_WILDCARDS",
    "DerivativeStore",
    "derivative_paths",
    "head_original",
    "is_current",
    "merge_paths",
    "viewer_path",
]
