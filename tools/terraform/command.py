"""A single Terraform command, run through python-terraform."""

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import python_terraform  # type: ignore[import-untyped]  # 0.10.1 carries no types

from tools.console import ToolError

if TYPE_CHECKING:
    from subprocess import Popen

FLAG = python_terraform.IsFlagged

# python-terraform starts Terraform with the environment of this process, which is replaced meanwhile.
_ENVIRONMENT_LOCK = threading.Lock()


class _Terraform(python_terraform.Terraform):  # type: ignore[misc]  # 0.10.1 carries no types
    def read_state_file(self, file_path: str | None = None) -> None:
        """Read no state: no task uses this copy, and a state that Terraform leaves empty is no JSON."""


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """The exit code of a command, and the captured output; empty if the output went to the terminal."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Standard output followed by standard error, without surrounding whitespace."""
        return "\n".join(text.strip() for text in (self.stdout, self.stderr) if text.strip())


def run_terraform(
    folder: Path,
    command: Sequence[str],
    options: Mapping[str, object],
    *,
    environment: Mapping[str, str] | None,
    capture: bool,
) -> CommandResult:
    """Run a command to the end and return the result, even if the command failed.

    Args:
        folder: working directory.
        command: name of the command, and the arguments after the options.
        options: name => value, as python-terraform takes them; FLAG for an option without a value.
        environment: all variables of Terraform; None: those of this process.
        capture: return the output, without colours; False: send the output to the terminal.

    Raises:
        ToolError: Terraform is not installed.
    """
    options = {**options, "no_color": FLAG} if capture else options
    terraform = _Terraform(working_dir=str(folder))
    try:
        with _environment(_with_settings(os.environ if environment is None else environment)):
            # python-terraform 0.10.1 must not wait for the process: the environment would stay replaced until
            # the end, and failures would be logged. `synchronous=None` starts the process without waiting;
            # False would be passed on to Terraform as an option.
            process, _, _ = terraform.cmd(*command, capture_output=capture, synchronous=None, **options)
        out, err = _wait(process)
    except FileNotFoundError as error:
        raise ToolError("Terraform is not installed. Install 1.9 or newer and put it on PATH.") from error
    finally:
        terraform.temp_var_files.clean_up()
    return CommandResult(
        exit_code=process.returncode, stdout=(out or b"").decode(), stderr=(err or b"").decode()
    )


def _with_settings(environment: Mapping[str, str]) -> dict[str, str]:
    # The AWS provider starts several times per command, and each start builds the schemas of all AWS
    # services. Fewer garbage collections save a third of the CPU time and cost about 50 MB of memory.
    settings = {"GOGC": "400", **environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    # Terraform warns of a missing file at every command.
    if not Path(settings.get("TF_CLI_CONFIG_FILE") or "/").exists():
        del settings["TF_CLI_CONFIG_FILE"]
    return settings


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    with _ENVIRONMENT_LOCK:
        before = dict(os.environ)
        _set_environment(environment)
        try:
            yield
        finally:
            _set_environment(before)


def _set_environment(environment: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        del os.environ[name]
    os.environ.update(environment)


def _wait(process: "Popen[bytes]") -> tuple[bytes | None, bytes | None]:
    try:
        return process.communicate()
    except KeyboardInterrupt:
        # Ctrl-C reached Terraform too, which completes the current operation and writes the state.
        process.communicate()
        raise
