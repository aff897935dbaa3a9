"""Isolate Terraform from the user's backend, credentials, settings and variables.

The configuration and the environment are filtered by allow-lists: a setting that was overlooked is removed
and cannot direct a local apply to a real account.
"""

import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.console import ToolError
from tools.paths import PROJECT
from tools.terraform.hcl import read_statements
from tools.terraform.plugins import find_plugin_dir

PROVIDERS = PROJECT / ".terraform" / "providers"
"""Cache of downloaded providers, whose download takes most of the time of a first start."""

# Block => statements that stay. Backends, HCP Terraform and account settings of providers are removed.
_KEPT_IN_BLOCKS: Mapping[str, Collection[str]] = {
    "provider": ("alias", "default_tags", "region"),
    "terraform": ("provider_meta", "required_providers", "required_version"),
}

# Variables that Terraform needs to run and to download the provider.
_KEPT_VARIABLES = (
    *("HTTPS_PROXY", "LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE"),
    *("TF_PLUGIN_DIR", "TMPDIR", "https_proxy"),
)

# Other providers are not installed: a DNS provider, for instance, would change real records.
_CLI_CONFIGURATION = """\
provider_installation {
  direct {
    include = ["registry.terraform.io/hashicorp/aws"]
  }
}
"""
_CACHE = """
plugin_cache_dir                            = %s
plugin_cache_may_break_dependency_lock_file = true # an isolated configuration has no lock file
"""


def isolate_configuration(folder: Path) -> None:
    """Remove backends and account settings from a copy of the configuration.

    Raises:
        ToolError: a file is not valid HCL or JSON.
    """
    for pattern, change in (("*.tf", _isolate_hcl), ("*.tf.json", _isolate_json)):
        for path in find_configuration_files(folder, pattern):
            _rewrite(path, change)


def find_configuration_files(folder: Path, pattern: str) -> list[Path]:
    """Return the matching files of a configuration, excluding the folder of `terraform init`."""
    return [path for path in folder.rglob(pattern) if ".terraform" not in path.relative_to(folder).parts]


def find_provider_aliases(folder: Path) -> set[str]:
    """Return the aliases of the AWS provider in the files of a module."""
    blocks: list[Mapping[str, Any]] = []
    for path in folder.glob("*.tf"):
        text = path.read_text("utf-8")
        blocks += [
            {statement.name: statement.value(text).strip('"') for statement in block.body or ()}
            for block in read_statements(text)
            if (block.name, block.labels) == ("provider", ("aws",))
        ]
    for path in folder.glob("*.tf.json"):
        for root in _objects(json.loads(path.read_text("utf-8"))):
            for labelled in _objects(root.get("provider")):
                blocks += _objects(labelled.get("aws"))
    return {str(block["alias"]) for block in blocks if "alias" in block}


def find_variables(folder: Path) -> set[str]:
    """Return the names of the variables that the files of a module declare."""
    names: set[str] = set()
    for path in folder.glob("*.tf"):
        statements = read_statements(path.read_text("utf-8"))
        names |= {label for block in statements if block.name == "variable" for label in block.labels}
    for path in folder.glob("*.tf.json"):
        for root in _objects(json.loads(path.read_text("utf-8"))):
            names |= {name for labelled in _objects(root.get("variable")) for name in labelled}
    return names


def isolate_environment(
    home: Path, environment: Mapping[str, str] = os.environ, *, providers: Path = PROVIDERS
) -> dict[str, str]:
    """Return all environment variables of a program that must not use the user's settings.

    Args:
        home: folder that serves as the home directory; created if missing.
        environment: the user's variables.
        providers: cache of downloaded providers.

    Raises:
        ToolError: TF_PLUGIN_DIR in the environment names a folder without the provider.
    """
    home.mkdir(parents=True, exist_ok=True)
    settings = home / ".terraformrc"
    settings.write_text(_CLI_CONFIGURATION, encoding="utf-8")
    plugin_dir = find_plugin_dir(environment)
    if plugin_dir is None:
        providers.mkdir(parents=True, exist_ok=True)
        with settings.open("a", encoding="utf-8") as file:
            file.write(_CACHE % json.dumps(str(providers)))
    kept = {name: environment[name] for name in _KEPT_VARIABLES if name in environment}
    # Terraform would not find a mirror in the user's home directory, since HOME changes.
    found = {} if plugin_dir is None else {"TF_PLUGIN_DIR": str(plugin_dir)}
    # An instance role would provide credentials without a variable or a file.
    return {**kept, **found, "AWS_EC2_METADATA_DISABLED": "true", "HOME": str(home)}


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    try:
        text = path.read_text("utf-8")
        changed = change(text)
    except ValueError as error:
        raise ToolError(f"{path.parent.name}/{path.name} is not valid: {error}. Correct the file.") from error
    if changed != text:
        path.write_text(changed, encoding="utf-8")


def _isolate_hcl(text: str) -> str:
    cuts = [
        statement
        for block in read_statements(text)
        if block.name in _KEPT_IN_BLOCKS
        for statement in block.body or ()
        if statement.name not in _KEPT_IN_BLOCKS[block.name]
    ]
    for cut in reversed(cuts):
        text = text[: cut.start] + text[cut.end :]
    return text


def _isolate_json(text: str) -> str:
    """Isolate a JSON file, in which a block may be a list of blocks.

    Source: https://developer.hashicorp.com/terraform/language/syntax/json
    """
    document = json.loads(text)
    for root in _objects(document):
        for block in _objects(root.get("terraform")):
            _keep_members(block, _KEPT_IN_BLOCKS["terraform"])
        for labelled in _objects(root.get("provider")):
            for block in _objects(list(labelled.values())):
                _keep_members(block, _KEPT_IN_BLOCKS["provider"])
    return json.dumps(document, indent=2)


def _objects(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)


def _keep_members(block: dict[str, Any], names: Collection[str]) -> None:
    for name in set(block) - set(names):
        del block[name]
