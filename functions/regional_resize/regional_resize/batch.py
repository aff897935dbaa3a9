"""Tasks of S3 Batch Operations: create derivatives of an original before the first request for them."""

from batch_operations import BatchTask, ResultCode
from image_url import derivative_path
from s3_http import ObjectChangedError, TransientError

from regional_resize.errors import EventError

_ARGUMENT = "derivatives"


def list_paths(task: BatchTask, bucket_name: str) -> list[str]:
    """Return the paths of the derivatives that a task requests.

    The argument `derivatives` of the job has their names, separated by spaces.

    Args:
        task: a task with the key of an original.
        bucket_name: bucket of the originals.

    Raises:
        EventError: the job has no names, or the object is in another bucket.
        DerivativePathError: a path would be too long.
    """
    names = task.arguments.get(_ARGUMENT, "").split()
    if not names:
        raise EventError(f"the job has no argument {_ARGUMENT}, such as v4_w640_q80.auto-avif")
    if task.bucket != bucket_name:
        raise EventError(f"the originals are in {bucket_name}, not in {task.bucket}")
    return [derivative_path(task.key, name) for name in names]


def select_code(error: Exception) -> ResultCode:
    """Return the code for a failed task. A retry of the job may help after a transient error."""
    # TransformTooSlow is a transient error here: the derivatives of a task share the time of one invocation,
    # and a retry finds the ones that were made.
    is_transient = getattr(error, "transient", False)
    if is_transient or isinstance(error, TransientError | ObjectChangedError):
        return ResultCode.TEMPORARY_FAILURE
    return ResultCode.PERMANENT_FAILURE
