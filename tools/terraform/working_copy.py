"""The configuration in another folder, to be applied elsewhere without a change to the original."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.paths import DIST, TERRAFORM
from tools.terraform.isolation import find_configuration_files, isolate_configuration

# What Terraform leaves in a folder belongs to that folder alone.
_LEFT_BEHIND = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan", "*.tfvars*")


def make_working_copy(
    folder: Path,
    *,
    source: Path = TERRAFORM,
    dist: Path | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Copy the configuration below a folder, beside a link to the zips it reads.

    The copy has no backend and leads to no account: see `tools.terraform.isolation`.
    A copy that is already there is brought up to date; its state and its providers stay.

    Args:
        folder: where to put `terraform` and `dist`; made if it is not there.
        source: the configuration.
        dist: the folder of the zips; None: `dist` of the project.
        files: name => text of files to add beside the root's own, like `local_override.tf`.

    Returns:
        The folder to run Terraform in.

    Raises:
        ToolError: a file of the configuration is not valid.
    """
    copy = folder / "terraform"
    copy.mkdir(parents=True, exist_ok=True)
    for pattern in ("*.tf", "*.tf.json", "*.tftest.hcl"):
        for stale in find_configuration_files(copy, pattern):
            stale.unlink()
    shutil.copytree(source, copy, dirs_exist_ok=True, ignore=_LEFT_BEHIND)
    isolate_configuration(copy)
    for name, text in (files or {}).items():
        (copy / name).write_text(text, encoding="utf-8")
    link = folder / "dist"
    link.unlink(missing_ok=True)
    link.symlink_to((dist or DIST).resolve(), target_is_directory=True)
    return copy
