"""The root module for one of several environments, each with a workspace and files of variables."""

import os
from collections.abc import Sequence
from pathlib import Path

from tools.console import ToolError
from tools.paths import TERRAFORM
from tools.terraform.runner import Terraform


def open_root(
    folder: Path = TERRAFORM, *, var_files: Sequence[str] = (), workspace: str | None = None
) -> Terraform:
    """Return Terraform in the root module, initialized, with its output on the terminal.

    Args:
        folder: the root module.
        var_files: files of variables besides `terraform.tfvars`, relative to the current folder; later files
            have precedence.
        workspace: workspace of the commands. None: the selected one. Terraform creates a missing workspace
            when it plans, and the selection of the folder does not change.

    Raises:
        ToolError: a file does not exist, or Terraform failed.
    """
    paths = [Path(name).expanduser().resolve() for name in var_files]
    for name, path in zip(var_files, paths, strict=True):
        if not path.is_file():
            raise ToolError(f"There is no file {name}. --var-file takes a file like staging.tfvars.")
    # The initialization of a workspace that does not exist yet would fail.
    Terraform(folder, show=True).init()
    environment = None if workspace is None else {**os.environ, "TF_WORKSPACE": workspace}
    return Terraform(folder, var_files=paths, environment=environment, show=True)


def require_workspace(terraform: Terraform, workspace: str | None) -> None:
    """Require that a workspace exists: a typing error would otherwise be an empty deployment.

    Raises:
        ToolError: the workspace does not exist.
    """
    if workspace is None:
        return
    existing = terraform.list_workspaces()
    if workspace not in existing:
        raise ToolError(f"There is no workspace {workspace}. Name one of: {', '.join(existing)}.")
