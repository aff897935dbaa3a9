"""What every function needs around its work, with the standard library alone."""

from lambda_runtime.background import Task
from lambda_runtime.errors import LambdaRuntimeError, OutOfTimeError

__all__ = ["LambdaRuntimeError", "OutOfTimeError", "Task"]
