"""The transform of an original in a child process."""

from typing import TYPE_CHECKING

import image_core
import lambda_runtime
from image_core import TransformTooSlow
from image_url import Gravity
from lambda_runtime import Deadline, OutOfTimeError

from derivation.plan import Plan

if TYPE_CHECKING:
    from image_core import DerivedFile


def create_file(data: bytes, focal_point: Gravity | None, plan: Plan, deadline: Deadline) -> "DerivedFile":
    """Return the file of a derivative.

    A child process does the work, because the C code of a decoder can only be ended with its process.

    Args:
        data: bytes of the original.
        focal_point: result of `read_focal_point`.
        plan: options and limits.
        deadline: time limit of the transform.

    Raises:
        ImageError: the original cannot be transformed, or not until the deadline.
        ChildDiedError: the process crashed or ran out of memory.
    """
    # Reading both attributes waits for the imports of `preload`, if they are running. A child that is forked
    # during an import would inherit the lock of the import and wait for its release until the deadline.
    derive, run_in_child = image_core.derive, lambda_runtime.run_in_child
    try:
        return run_in_child(
            lambda: derive(data, plan.options, plan.limits, focal_point, deadline.remaining_seconds),
            deadline,
        )
    except OutOfTimeError as error:
        raise TransformTooSlow from error


def preload() -> None:
    """Import the modules that `create_file` needs, which takes about 30 ms of a cold start."""
    _ = image_core.derive, lambda_runtime.run_in_child
