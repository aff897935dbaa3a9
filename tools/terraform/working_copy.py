"""Copy the configuration to another folder, to apply the copy without changing the original."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.paths import DIST, FUNCTIONS, LIBS, TERRAFORM
from tools.terraform.isolation import find_configuration_files, isolate_configuration

# State, plans, variables and providers belong to the original folder.
_LEFT_BEHIND = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfplan", "*.tfvars*")


def make_working_copy(
    folder: Path,
    *,
    source: Path = TERRAFORM,
    dist: Path = DIST,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Copy the configuration into a folder, next to links to the zips, the functions and the libraries.

    The copy has no backend and no account settings, see `tools.terraform.isolation`. An existing copy is
    updated; the state and the providers in the copy are kept.

    Args:
        folder: parent of `terraform`, `dist`, `functions` and `libs`; created if missing.
        source: the configuration.
        dist: folder of the zips.
        files: name => text of additional files in the root module, such as `local_override.tf`.

    Returns:
        The folder in which to run Terraform.

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
    _link(folder / "dist", dist)
    _link(folder / "functions", FUNCTIONS)
    _link(folder / "libs", LIBS)
    return copy


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target.resolve(), target_is_directory=True)
