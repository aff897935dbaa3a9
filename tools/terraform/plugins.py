"""Providers that lie on this machine already."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.console import ToolError

# The layout of a filesystem mirror: HOSTNAME/NAMESPACE/TYPE below the mirror's folder.
# https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror
_PROVIDER = Path("registry.terraform.io", "hashicorp", "aws")

_SYSTEM_PREFIXES = (
    Path("/opt"),
    Path("/usr/local/share"),
    Path("/usr/share"),
    Path("/usr/local/lib"),
    Path("/usr/lib"),
)


def find_plugin_dir(
    environment: Mapping[str, str] = os.environ, prefixes: tuple[Path, ...] = _SYSTEM_PREFIXES
) -> Path | None:
    """Find a folder from which `terraform init` can take the AWS provider without a download.

    Args:
        environment: TF_PLUGIN_DIR in it names the folder; HOME is where Terraform's own folders are.
        prefixes: the folders of the system below which a mirror may lie, at most two levels down.

    Returns:
        The folder that holds `registry.terraform.io/hashicorp/aws`, or None.

    Raises:
        ToolError: TF_PLUGIN_DIR names a folder that does not hold the provider.
    """
    if named := environment.get("TF_PLUGIN_DIR"):
        folder = Path(named).expanduser()
        if not (folder / _PROVIDER).is_dir():
            raise ToolError(
                f"TF_PLUGIN_DIR is {named}, where there is no {_PROVIDER}. Correct it or unset it."
            )
        return folder.resolve()
    return next(
        (folder for folder in _candidates(environment, prefixes) if (folder / _PROVIDER).is_dir()), None
    )


def _candidates(environment: Mapping[str, str], prefixes: tuple[Path, ...]) -> Iterator[Path]:
    if home := environment.get("HOME"):
        yield Path(home, ".terraform.d", "plugins")
        yield Path(home, ".local", "share", "terraform", "plugins")
    for prefix in prefixes:
        yield prefix
        for pattern in ("*", "*/*"):
            yield from sorted(path for path in prefix.glob(pattern) if path.is_dir())
