"""Tasks of S3 Batch Operations that invoke a function, and their results."""

from batch_operations.tasks import (
    BatchEventError,
    BatchTask,
    ResultCode,
    is_batch_event,
    make_response,
    parse_task,
)

__all__ = [
    "BatchEventError",
    "BatchTask",
    "ResultCode",
    "is_batch_event",
    "make_response",
    "parse_task",
]
