"""Checks of the configuration with Terraform itself. They need neither a backend nor an account."""

import json
import tempfile
from pathlib import Path

from tools.console import ToolError
from tools.paths import TERRAFORM
from tools.terraform.command import FLAG, run_terraform
from tools.terraform.isolation import isolate_environment
from tools.terraform.runner import Terraform
from tools.terraform.working_copy import make_working_copy

_MIN_RELEASE = (1, 9)


def require_terraform() -> None:
    """Require Terraform on PATH, in a release that supports the configuration.

    Raises:
        ToolError: Terraform is missing or too old, or TF_PLUGIN_DIR names a folder without the provider.
    """
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        environment = isolate_environment(home)
        result = run_terraform(home, ["version"], {"json": FLAG}, environment=environment, capture=True)
    try:
        release = json.loads(result.stdout)["terraform_version"]
        major, minor, *_ = (int(number) for number in release.partition("-")[0].split("."))
    except (ValueError, KeyError) as error:
        raise ToolError(f"The program terraform on PATH is not Terraform: {result.output}") from error
    if (major, minor) < _MIN_RELEASE:
        raise ToolError(f"Terraform {release} is too old. Install 1.9 or newer and put it on PATH.")


def check_format(source: Path = TERRAFORM) -> None:
    """Check that every file is formatted as by `terraform fmt`.

    Raises:
        ToolError: some files are not; the message lists them.
    """
    with tempfile.TemporaryDirectory() as home:
        Terraform(source, environment=isolate_environment(Path(home))).check_format()


def check_validity(source: Path = TERRAFORM) -> None:
    """Validate the configuration in a copy, since `terraform init` would contact the user's backend.

    Raises:
        ToolError: the configuration is invalid; the message is Terraform's.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = make_working_copy(Path(folder), source=source)
        terraform = Terraform(copy, environment=isolate_environment(Path(folder, "home")))
        terraform.init(checksums=False)
        terraform.validate()
