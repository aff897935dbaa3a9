"""Output of the tasks: errors of one sentence, steps with their times, foreign text without escape codes."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from invoke.exceptions import Exit

_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def printable(text: str) -> str:
    """Escape every character that a terminal would obey instead of showing, in the notation of repr().

    Text from outside the project (S3 keys, messages of AWS and of other programs) passes through here before
    a task prints it. An escape sequence can rewrite the screen or the window title, a line break can forge
    a line of output, and a bidirectional override can reverse a file name (Unicode Technical Report 36).

    Returns:
        One line without control, format, surrogate, unassigned or line-separating characters.
    """
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


class ToolError(Exit):
    """A task cannot go on.

    Invoke prints the message, which states the remedy, and exits with 1. Line breaks in the message are kept,
    other control characters are escaped: most messages quote something from outside the project.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message="\n".join(map(printable, message.split("\n"))), code=1)


def parse_whole_number(text: str, flag: str) -> int:
    """Parse the value of a flag. Invoke's own conversion would end with a stack trace.

    Raises:
        ToolError: the value is not a whole number.
    """
    try:
        return int(text)
    except ValueError:
        raise ToolError(f"--{flag} takes a whole number, not {text!r}.") from None


def parse_duration(text: str, flag: str) -> int:
    """Parse a duration such as `30m`, `1h` or `7d`; return seconds.

    Raises:
        ToolError: the value of the flag is not a duration.
    """
    match = _DURATION.fullmatch(text)
    if not match:
        raise ToolError(f"--{flag} takes a duration such as 30m, 1h or 7d, not {text!r}.")
    return int(match[1]) * _SECONDS[match[2]]


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print the title when the step begins and its seconds when it ends well.

    Args:
        title: description of the step for the user.
    """
    print(f"{title} ... ", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)
