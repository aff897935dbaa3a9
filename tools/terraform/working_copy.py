"""The configuration in another folder, to be applied elsewhere without a change to the original."""

import shutil
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]

# What Terraform leaves in a folder belongs to that folder alone.
_LEFT_BEHIND = shutil.ignore_patterns(
    ".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.tfplan", "*.tfvars*"
)


def make_working_copy(
    folder: Path, *, dist: Path | None = None, files: Mapping[str, str] | None = None
) -> Path:
    """Copy the configuration below a folder, beside a link to the zips it reads.

    A copy that is already there is brought up to date; its state and its providers stay.

    Args:
        folder: where to put `terraform` and `dist`; made if it is not there.
        dist: the folder of the zips; None: `dist` of the project.
        files: name => text of files to add beside the root's own, like `local_override.tf`.

    Returns:
        The folder to run Terraform in.
    """
    copy = folder / "terraform"
    copy.mkdir(parents=True, exist_ok=True)
    for stale in [*copy.rglob("*.tf"), *copy.rglob("*.tftest.hcl")]:
        if ".terraform" not in stale.parts:
            stale.unlink()
    shutil.copytree(PROJECT / "terraform", copy, dirs_exist_ok=True, ignore=_LEFT_BEHIND)
    for name, text in (files or {}).items():
        (copy / name).write_text(text, encoding="utf-8")
    link = folder / "dist"
    link.unlink(missing_ok=True)
    link.symlink_to((dist or PROJECT / "dist").resolve(), target_is_directory=True)
    return copy
