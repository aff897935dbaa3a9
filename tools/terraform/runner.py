"""Terraform's commands as methods that return results or raise a ToolError."""

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.console import ToolError
from tools.paths import PROJECT, lock_folder
from tools.terraform.command import FLAG, CommandResult, run_terraform
from tools.terraform.plugins import find_plugin_dir

_UNTRUSTED_HINT = (
    "If a proxy on your network inspects TLS, name a file with its certificate and those of the public "
    "authorities in SSL_CERT_FILE."
)
_CHECKSUMS = re.compile(r"^  hashes = \[.*?^  \]\n", re.DOTALL | re.MULTILINE)
_CHANGES = 2  # the exit code of `plan -detailed-exitcode` when there is something to do


class Terraform:
    """Terraform in one folder.

    Every method raises ToolError with Terraform's message if the command fails or Terraform is missing.

    Args:
        folder: the root module.
        variables: values of Terraform variables, including lists, maps and None.
        environment: all environment variables of Terraform; None: those of this process.
        var_files: files of variables; later files have precedence.
        parallelism: maximum number of concurrent operations; None: Terraform's default, 10.
        show: send the output to the terminal; False: show the output only in errors.

    Raises:
        ToolError: the folder does not exist.
    """

    def __init__(  # noqa: PLR0913  # the options of Terraform, by name
        self,
        folder: Path,
        *,
        variables: Mapping[str, object] | None = None,
        var_files: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
        parallelism: int | None = None,
        show: bool = False,
    ) -> None:
        if not folder.is_dir():
            raise ToolError(f"There is no folder {folder} to run Terraform in.")
        self.folder = folder
        self._variables = dict(variables or {})
        self._var_files = [str(path) for path in var_files]
        self.environment = environment
        self._parallelism = parallelism
        self._show = show

    def init(self, *, checksums: bool = True) -> None:
        """Install the provider and the modules.

        A local copy of the provider is preferred to the registry.

        Args:
            checksums: keep the checksums of the provider in the lock file. Each command takes half a second
                to compare them with the 700 MB of the provider, which `init` has just installed.
        """
        plugin_dir = find_plugin_dir(os.environ if self.environment is None else self.environment)
        first = self._run("init", options={"plugin_dir": plugin_dir, "input": False}) if plugin_dir else None
        if first is None or first.exit_code != 0:
            # The cache of downloaded providers must not be filled by two processes at the same time:
            # https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache
            with lock_folder(PROJECT):
                second = self._run("init", options={"input": False})
            if second.exit_code != 0:
                raise self._failure("init", first or second)
        lock = self.folder / ".terraform.lock.hcl"
        if not checksums and lock.exists():
            lock.write_text(_CHECKSUMS.sub("", lock.read_text("utf-8")), encoding="utf-8")

    def validate(self) -> None:
        """Validate the configuration, without credentials."""
        self._succeed("validate", options={})

    def plan(self) -> bool:
        """Compare the configuration with the deployed resources; True if an apply would make changes."""
        result = self._run(
            "plan", options={"detailed_exitcode": FLAG, "input": False} | self._variable_options()
        )
        if result.exit_code not in {0, _CHANGES}:
            raise self._failure("plan", result)
        return result.exit_code == _CHANGES

    def plan_resources(self) -> dict[str, dict[str, Any]]:
        """Return the planned resources: address => attributes that are known before the apply."""
        return _read_resources(self._describe_plan().get("planned_values", {}))

    def plan_changes(self) -> dict[str, tuple[str, ...]]:
        """Return the planned actions on managed resources by address, such as ("delete", "create").

        A resource that only gets another address has the action "move".
        """
        return {
            each["address"]: ("move",)
            if each["change"]["actions"] == ["no-op"] and "previous_address" in each
            else tuple(each["change"]["actions"])
            for each in self._describe_plan()["resource_changes"]
            if each["mode"] == "managed"
        }

    def apply(self, *, ask: bool = False) -> None:
        """Apply the configuration.

        Args:
            ask: let Terraform show the plan and ask for confirmation; requires `show`.
        """
        self._succeed("apply", options={"auto_approve": not ask, "input": ask} | self._variable_options())

    def destroy(self, *, ask: bool = False) -> None:
        """Destroy all resources.

        Args:
            ask: let Terraform show the plan and ask for confirmation; requires `show`.
        """
        self._succeed("destroy", options={"auto_approve": not ask, "input": ask} | self._variable_options())

    def output(self) -> dict[str, Any]:
        """Return the outputs of the last apply: name => value."""
        outputs = json.loads(self._succeed("output", options={"json": FLAG}, capture=True))
        return {name: output["value"] for name, output in outputs.items()}

    def list_workspaces(self) -> list[str]:
        """Return the names of all workspaces of the backend."""
        lines = self._succeed("workspace list", options={}, capture=True).splitlines()
        # A hint about TF_WORKSPACE follows the list, and is not indented.
        return [line[2:].strip() for line in lines if line[:2] in {"* ", "  "}]

    def read_state_resources(self) -> dict[str, dict[str, Any]]:
        """Return the managed resources in the state: address => attributes. Data sources are excluded."""
        return _read_resources(self._describe().get("values", {}))

    def test(self) -> int:
        """Run the tests of the configuration (*.tftest.hcl) and return the number that passed."""
        found = re.search(r"(\d+) passed", self._succeed("test", options={}, capture=True))
        return int(found[1]) if found else 0

    def check_format(self) -> None:
        """Check that every file is formatted as by `terraform fmt`.

        Raises:
            ToolError: some files are not; the message lists them.
        """
        result = self._run("fmt", options={"check": FLAG, "recursive": FLAG}, capture=True)
        if result.exit_code != 0:
            raise ToolError(f"Run `terraform fmt -recursive` in {self.folder}: {result.output}")

    def _variable_options(self) -> dict[str, object]:
        return {
            "parallelism": self._parallelism,
            "var": self._variables or None,
            "var_file": self._var_files or None,
        }

    def _describe_plan(self) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            plan = f"{folder}/plan"
            self._succeed("plan", options={"out": plan, "input": False} | self._variable_options())
            return self._describe(plan)

    def _describe(self, *plan: str) -> dict[str, Any]:
        """Return Terraform's description of a plan, or else of the state."""
        shown: dict[str, Any] = json.loads(self._succeed("show", *plan, options={"json": FLAG}, capture=True))
        return shown

    def _run(self, *command: str, options: Mapping[str, object], capture: bool = False) -> CommandResult:
        return run_terraform(
            self.folder,
            command,
            options,
            environment=self.environment,
            capture=capture or not self._show,
        )

    def _succeed(self, *command: str, options: Mapping[str, object], capture: bool = False) -> str:
        result = self._run(*command, options=options, capture=capture)
        if result.exit_code != 0:
            raise self._failure(command[0], result)
        return result.stdout

    def _failure(self, command: str, result: CommandResult) -> ToolError:
        hint = f"\n{_UNTRUSTED_HINT}" if "x509: " in result.output else ""
        return ToolError(f"terraform {command} failed in {self.folder}.\n{result.output}".rstrip() + hint)


def _read_resources(values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the managed resources in planned or stored values: address => attributes."""
    resources = _managed_resources(values.get("root_module", {}))
    return {resource["address"]: resource.get("values", {}) for resource in resources}


def _managed_resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (resource for resource in module.get("resources", []) if resource["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _managed_resources(child)
