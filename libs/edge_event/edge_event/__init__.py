"""Origin-request events of CloudFront, and results for them, with the standard library alone."""

from edge_event.errors import EventError
from edge_event.requests import OriginRequest, parse_origin_request
from edge_event.results import (
    EdgeResult,
    internal_error,
    pass_through,
    pass_to_s3,
    permanent_error,
    redirect_to_original,
    replace_key,
    rewrite,
    transient_error,
)

__all__ = [
    "EdgeResult",
    "EventError",
    "OriginRequest",
    "internal_error",
    "parse_origin_request",
    "pass_through",
    "pass_to_s3",
    "permanent_error",
    "redirect_to_original",
    "replace_key",
    "rewrite",
    "transient_error",
]
