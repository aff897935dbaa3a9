"""Terraform's own checks of the configuration, which need no backend and no account."""

import json
import tempfile
from pathlib import Path

from tools.console import ToolError
from tools.paths import TERRAFORM
from tools.terraform.command import FLAG, run_terraform
from tools.terraform.door import Terraform
from tools.terraform.isolation import isolated_environment
from tools.terraform.working_copy import make_working_copy

_OLDEST = (1, 9)


def require_terraform() -> None:
    """Check that Terraform is there, in a release that can read the configuration.

    Raises:
        ToolError: it is not, or TF_PLUGIN_DIR names a folder that does not hold the provider.
    """
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        environment = isolated_environment(home)
        ended = run_terraform(home, ["version"], {"json": FLAG}, environment=environment, capture=True)
    try:
        release = json.loads(ended.out)["terraform_version"]
        major, minor, *_ = (int(number) for number in release.partition("-")[0].split("."))
    except (ValueError, KeyError) as error:
        raise ToolError(f"The program terraform on PATH is not Terraform: {ended.words}") from error
    if (major, minor) < _OLDEST:
        raise ToolError(f"Terraform {release} is too old. Install 1.9 or newer and put it on PATH.")


def check_layout(source: Path = TERRAFORM) -> None:
    """Check that every file has Terraform's own layout.

    Raises:
        ToolError: with the names of those that do not.
    """
    with tempfile.TemporaryDirectory() as home:
        Terraform(source, environment=isolated_environment(Path(home))).fmt_check()


def check_validity(source: Path = TERRAFORM) -> None:
    """Check that the configuration fits together, in a copy: `terraform init` would ask the user's backend.

    Raises:
        ToolError: it does not, in Terraform's own words.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = make_working_copy(Path(folder), source=source)
        terraform = Terraform(copy, environment=isolated_environment(Path(folder, "home")))
        terraform.init()
        terraform.validate()
