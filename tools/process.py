"""Other programs. Commands are lists, and no environment variable of the user steers their results."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, TimeoutExpired
from typing import IO, TypedDict, Unpack

from tools.console import printable

__all__ = [
    "DEVNULL",
    "PIPE",
    "STDOUT",
    "CommandError",
    "Process",
    "TimeoutExpired",
    "clean_environment",
    "last_words",
    "run",
    "run_module",
    "start",
]

type Process = subprocess.Popen[bytes]

type Command = Sequence[str | Path]
type Stream = int | IO[bytes] | None
"""An open file, a constant of subprocess such as PIPE, or None for the stream of this process."""

# Locations of packages, proxies and certificates. All other variables of pip, uv and Python are dropped.
_KEPT = re.compile(
    r"PIP_(CACHE_DIR|CERT|CLIENT_CERT|CONFIG_FILE|DEFAULT_TIMEOUT|EXTRA_INDEX_URL|FIND_LINKS|INDEX_URL"
    r"|KEYRING_PROVIDER|NO_CACHE_DIR|NO_INDEX|PROXY|RETRIES|TIMEOUT|TRUSTED_HOST)"
    r"|UV_(CACHE_DIR|CONFIG_FILE|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|HTTP_RETRIES|HTTP_TIMEOUT|INDEX|INDEX_\w+"
    r"|INSECURE_HOST|KEYRING_PROVIDER|NATIVE_TLS|NO_CACHE|NO_INDEX|OFFLINE|SYSTEM_CERTS)"
)
_STEERING = re.compile(r"PIP_|UV_|PYTHON")


class CommandError(Exception):
    """A program could not be started, took too long, or failed.

    Attributes:
        returncode: exit code; None if the program did not start or did not end.
        words: the program's own explanation, on one line that is safe to print.
    """

    def __init__(self, returncode: int | None, words: str) -> None:
        super().__init__(words)
        self.returncode = returncode
        self.words = words


def clean_environment(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Drop the variables that steer pip, uv and Python; keep certificates, proxies and indexes."""
    return {
        name: value
        for name, value in environment.items()
        if not _STEERING.match(name) or _KEPT.fullmatch(name)
    }


def run(
    command: Command,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float | None = None,
) -> str:
    """Run a command to the end and return the standard output.

    Args:
        command: the program and its arguments; no shell takes part.
        cwd: working directory; None: that of this process.
        environment: all variables of the program; None: those of this process, cleaned.
        timeout_seconds: limit of the run; None: no limit.

    Raises:
        CommandError: the program is missing, took too long, or ended with an exit code other than 0.
    """
    try:
        done = subprocess.run(  # noqa: S603  a list, never a shell; the callers choose the programs
            [str(word) for word in command],
            cwd=cwd,
            env=clean_environment() if environment is None else environment,
            stdin=DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_seconds,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise CommandError(error.returncode, last_words(error.stderr)) from error
    except (OSError, TimeoutExpired) as error:
        raise CommandError(None, printable(str(error))) from error
    return done.stdout


def run_module(module: str, *arguments: str, cwd: Path) -> bool:
    """Run a module of this Python on this terminal, with all variables of the user.

    Returns:
        True if the exit code was 0.
    """
    process = start([sys.executable, "-m", module, *arguments], cwd=cwd, environment=os.environ)
    try:
        return process.wait() == 0
    except KeyboardInterrupt:
        process.wait()  # Ctrl-C reached the module as well, which may have to clean up
        raise


class StartOptions(TypedDict, total=False):
    """Options of `start` that subprocess.Popen defines."""

    stdin: Stream
    stdout: Stream
    stderr: Stream
    pass_fds: Sequence[int]
    start_new_session: bool


def start(
    command: Command,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    **options: Unpack[StartOptions],
) -> Process:
    """Start a command and return at once. The caller waits for the process or ends it.

    Args:
        command: the program and its arguments; no shell takes part.
        cwd: working directory; None: that of this process.
        environment: all variables of the program; None: those of this process, cleaned.
        options: as for subprocess.Popen.

    Raises:
        OSError: the program could not be started.
    """
    return subprocess.Popen(  # noqa: S603  a list, never a shell; the callers choose the programs
        [str(word) for word in command],
        cwd=cwd,
        env=clean_environment() if environment is None else environment,
        **options,
    )


def last_words(stderr: str) -> str:
    """Return the explanation in a program's standard error.

    Returns:
        The last line that is marked as an error with all that follows, else the last line; safe to print.
    """
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    marked = [index for index, line in enumerate(lines) if re.match(r"error\b", line, re.IGNORECASE)]
    return printable(" ".join(lines[marked[-1] :] if marked else lines[-1:])) or "no message"
