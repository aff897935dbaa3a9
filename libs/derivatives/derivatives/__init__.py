"""Stored derivatives: listing, staleness, deletion, traces, invalidation paths, messages to purge."""

from derivatives.invalidation import MAX_WILDCARDS, derivative_paths, merge_paths, viewer_path
from derivatives.messages import OPTIONAL_QUEUE_URL, QUEUE_URL, Kind, PurgeQueue, connect_queue
from derivatives.store import (
    RESTORE_PREFIX,
    SOURCE_PREFIX,
    TRIGGERED,
    DerivativeStore,
    TriggeredStore,
    find_object,
    has_source,
    is_derivative_name,
    is_stale,
    is_triggered,
)
from derivatives.traces import leave_trace

__all__ = [
    "MAX_WILDCARDS",
    "OPTIONAL_QUEUE_URL",
    "QUEUE_URL",
    "RESTORE_PREFIX",
    "SOURCE_PREFIX",
    "TRIGGERED",
    "DerivativeStore",
    "Kind",
    "PurgeQueue",
    "TriggeredStore",
    "connect_queue",
    "derivative_paths",
    "find_object",
    "has_source",
    "is_derivative_name",
    "is_stale",
    "is_triggered",
    "leave_trace",
    "merge_paths",
    "viewer_path",
]
