"""The one door to other programs: commands are lists, and no environment variable steers the result."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.console import printable

# What says where packages come from and whom to trust. All else that steers pip, uv or Python is dropped.
_KEPT = re.compile(
    r"PIP_(CACHE_DIR|CERT|CLIENT_CERT|CONFIG_FILE|DEFAULT_TIMEOUT|EXTRA_INDEX_URL|FIND_LINKS|INDEX_URL"
    r"|KEYRING_PROVIDER|NO_CACHE_DIR|NO_INDEX|PROXY|RETRIES|TIMEOUT|TRUSTED_HOST)"
    r"|UV_(CACHE_DIR|CONFIG_FILE|DEFAULT_INDEX|EXTRA_INDEX_URL|FIND_LINKS|HTTP_RETRIES|HTTP_TIMEOUT|INDEX|INDEX_\w+"
    r"|INSECURE_HOST|KEYRING_PROVIDER|NATIVE_TLS|NO_CACHE|NO_INDEX|OFFLINE|SYSTEM_CERTS)"
)
_STEERING = re.compile(r"PIP_|UV_|PYTHON")


class CommandError(Exception):
    """A program could not be started or ended badly.

    Attributes:
        returncode: its exit code; None when it could not be started or took too long.
        words: what it said of it, for a person.
    """

    def __init__(self, returncode: int | None, words: str) -> None:
        super().__init__(words)
        self.returncode = returncode
        self.words = words


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Drop what steers pip, uv and Python; keep certificates, proxies and indexes."""
    return {
        name: value
        for name, value in environment.items()
        if not _STEERING.match(name) or _KEPT.fullmatch(name)
    }


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    extra_environment: Mapping[str, str] | None = None,
    timeout_seconds: float | None = None,
) -> str:
    """Run a command to its end and return what it printed.

    Raises:
        CommandError: the program is not there, took too long, or ended with another code than 0.
    """
    environment = clean_environment(os.environ) | dict(extra_environment or {})
    try:
        done = subprocess.run(  # noqa: S603  a list, never a shell; the callers fix the programs
            [str(word) for word in command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_seconds,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise CommandError(error.returncode, _last_words(error.stderr)) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(None, str(error)) from error
    return done.stdout


def _last_words(stderr: str) -> str:
    """Take what says why: from the last line that is marked as an error, or the last line."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    marked = [index for index, line in enumerate(lines) if re.match(r"error\b", line, re.IGNORECASE)]
    return printable(" ".join(lines[marked[-1] :] if marked else lines[-1:])) or "no message"
