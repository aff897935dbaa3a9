"""Find a local copy of the AWS provider."""

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
    """Find a folder from which `terraform init` can install the AWS provider without a download.

    Args:
        environment: variables; TF_PLUGIN_DIR names the folder, HOME contains Terraform's own folders.
        prefixes: system folders that are searched two levels deep.

    Returns:
        A folder that contains `registry.terraform.io/hashicorp/aws`, or None.

    Raises:
        ToolError: TF_PLUGIN_DIR names a folder without the provider.
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
