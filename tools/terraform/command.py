"""One run of Terraform, through python-terraform."""

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

# python-terraform starts Terraform with the environment of this process, so that is changed for the moment.
_ENVIRONMENT_LOCK = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class CommandResult:
    """How a run result: the exit code, and what it wrote if that was captured."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Everything it wrote."""
        return "\n".join(text.strip() for text in (self.stdout, self.stderr) if text.strip())


def run_terraform(
    folder: Path,
    command: Sequence[str],
    options: Mapping[str, object],
    *,
    environment: Mapping[str, str] | None,
    capture: bool,
) -> CommandResult:
    """Run one command to its end, whatever the end is.

    Args:
        folder: where it runs.
        command: its name, and what follows the options.
        options: name => value, as python-terraform takes them: FLAG for one without a value.
        environment: its whole environment; None: that of this process.
        capture: keep what it writes, without colours; otherwise it goes to the terminal.

    Raises:
        ToolError: Terraform is not installed.
    """
    options = {**options, "no_color": FLAG} if capture else options
    terraform = python_terraform.Terraform(working_dir=str(folder))
    try:
        with _environment(_with_settings(os.environ if environment is None else environment)):
            # python-terraform 0.10.1 is not left to wait: the changed environment would stay until the end,
            # and it writes failures to the log. None says so; any other value it hands on to Terraform.
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
    # Several times in one command the AWS provider starts and builds the schemas of all of AWS. Fewer garbage
    # collections meanwhile save a third of the CPU time and cost about 50 MB.
    settings = {"GOGC": "400", **environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    # A file that is not there changes nothing, but Terraform would warn of it at every command.
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
        # Ctrl-C reached Terraform as well: it finishes what it began and writes its state.
        process.communicate()
        raise
