"""What a task says: one sentence when it fails, and its steps with their times."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from invoke.exceptions import Exit


class ToolError(Exit):
    """A task cannot go on. Invoke prints the message, one sentence that says what to do, and exits with 1."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message, code=1)


def whole_number(text: str, flag: str) -> int:
    """Read the value of a flag. Invoke's own reading ends with a stack trace.

    Raises:
        ToolError: it is no whole number.
    """
    try:
        return int(text)
    except ValueError:
        raise ToolError(f"--{flag} takes a whole number, not {text!r}.") from None


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title when the step begins and its seconds when it ends well.

    Args:
        title: what is being done, in the words of the person who waits.
    """
    print(f"{title} ... ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)
