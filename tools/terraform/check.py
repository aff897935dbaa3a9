"""Terraform's own checks of the configuration, which need no backend and no account."""

import tempfile
from pathlib import Path

from tools.paths import TERRAFORM
from tools.terraform.door import Terraform
from tools.terraform.isolation import isolated_environment
from tools.terraform.working_copy import make_working_copy


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
