"""CloudFront origin-request events in, requests and responses out, with the standard library alone."""

from edge_event.answers import (
    Answer,
    failure,
    redirect_to_original,
    refusal,
    rewritten,
    same_key,
    unavailable,
    unchanged,
    with_key,
)
from edge_event.errors import EdgeEventError, EventError
from edge_event.requests import OriginRequest, parse_origin_request

__all__ = [
    "Answer",
    "EdgeEventError",
    "EventError",
    "OriginRequest",
    "failure",
    "parse_origin_request",
    "redirect_to_original",
    "refusal",
    "rewritten",
    "same_key",
    "unavailable",
    "unchanged",
    "with_key",
]
