"""Work beside the caller's, for which the caller waits only so long; with the standard library alone."""

from background.errors import BackgroundError, OutOfTimeError
from background.task import Task

__all__ = ["BackgroundError", "OutOfTimeError", "Task"]
