"""The parts of every function beside its work: deadline, threads, child process, settings, environment, log.

The package imports the standard library and `sigv4` only, since each import adds to every cold start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from lambda_runtime.background import Task
from lambda_runtime.deadline import Deadline
from lambda_runtime.environment import (
    read_ca_file,
    read_credentials,
    read_endpoint_url,
    read_memory_mb,
)
from lambda_runtime.error_documents import TRY_AGAIN, error_document
from lambda_runtime.errors import ChildDiedError, LambdaRuntimeError, OutOfTimeError, SettingsError
from lambda_runtime.logs import Fields, OutcomeLog, TimingsMs, measure
from lambda_runtime.settings import BUCKET_NAME, CACHE_CONTROL, QUALITY, Rule, find_problems, matching, one_of

__all__ = [
    "BUCKET_NAME",
    "CACHE_CONTROL",
    "QUALITY",
    "TRY_AGAIN",
    "ChildDiedError",
    "Deadline",
    "Fields",
    "LambdaRuntimeError",
    "OutOfTimeError",
    "OutcomeLog",
    "Rule",
    "SettingsError",
    "Task",
    "TimingsMs",
    "error_document",
    "find_problems",
    "matching",
    "measure",
    "one_of",
    "read_ca_file",
    "read_credentials",
    "read_endpoint_url",
    "read_memory_mb",
    "run_in_child",
]

if TYPE_CHECKING:
    from lambda_runtime.child import run_in_child


def __getattr__(name: str) -> Any:
    """Import `run_in_child` on first use (PEP 562): the import of pickle takes 3 ms of a cold start."""
    if name != "run_in_child":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("lambda_runtime.child").run_in_child
