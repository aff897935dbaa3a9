"""Terraform that uses nothing of the user's: no backend, credentials, settings or variables.

Everything that may remain is listed, in the configuration and in the environment. A setting that nobody
thought of cannot lead an apply on this machine to somebody's account.
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
"""Downloaded providers, kept for the next time: by far the largest part of a first start."""

# Block => what stays in it. A backend, HCP Terraform and whatever leads a provider to an account do not.
_KEPT_IN_BLOCKS: Mapping[str, Collection[str]] = {
    "provider": ("alias", "default_tags", "region"),
    "terraform": ("provider_meta", "required_providers", "required_version"),
}

# Terraform needs these to run and to download the provider.
_KEPT_VARIABLES = (
    *("HTTPS_PROXY", "LANG", "LC_ALL", "PATH", "SSL_CERT_DIR", "SSL_CERT_FILE"),
    *("TF_PLUGIN_DIR", "TMPDIR", "https_proxy"),
)

# No other provider is installed: one of DNS, for instance, would change the world outside this machine.
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
    """Remove what leads to a backend or an account from a copied configuration.

    Raises:
        ToolError: a file of it is not what its name says.
    """
    for pattern, change in (("*.tf", _isolate_hcl), ("*.tf.json", _isolate_json)):
        for path in find_configuration_files(folder, pattern):
            _rewrite(path, change)


def find_configuration_files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of a configuration, without what `terraform init` puts beside them."""
    return [path for path in folder.rglob(pattern) if ".terraform" not in path.relative_to(folder).parts]


def find_provider_aliases(folder: Path) -> set[str]:
    """Return the aliases under which the files of a module configure the AWS provider."""
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


def isolate_environment(
    home: Path, environment: Mapping[str, str] = os.environ, *, providers: Path = PROVIDERS
) -> dict[str, str]:
    """Return the whole environment of a program that must find nothing of the user's.

    Args:
        home: the folder that takes the place of the user's home; made if it is not there.
        environment: the user's.
        providers: where downloaded providers are kept.

    Raises:
        ToolError: TF_PLUGIN_DIR in the environment names a folder that does not hold the provider.
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
    # The mirror may lie in the home that is out of sight from now on.
    found = {} if plugin_dir is None else {"TF_PLUGIN_DIR": str(plugin_dir)}
    # The role of the machine is a credential as well, without a variable or a file.
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
    """See https://developer.hashicorp.com/terraform/language/syntax/json: a block may be a list of blocks."""
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
