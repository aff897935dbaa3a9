"""The real Terraform configuration, applied to the emulator from a working copy."""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.local.emulator import REGION, ROOT_KEY
from tools.local.paths import PROVIDERS
from tools.local.state import StateFolder
from tools.terraform import Terraform, find_plugin_dir, make_working_copy

_ENDPOINTS = ("cloudfront", "cloudwatch", "iam", "lambda", "logs", "s3", "sqs", "sts")
# What the pinned emulator is tried with.
_PROVIDER_RELEASE = {"source": "hashicorp/aws", "version": "~> 5.100"}
# S3 Control puts the account before the host name of any endpoint. The emulator is Terraform's proxy for
# plain HTTP, so nobody looks for a machine of that name; addresses of this machine are never asked of a
# proxy.
_S3_CONTROL = f"http://s3-control.{REGION}.amazonaws.com"
_ALIAS = re.compile(r'^\s*alias\s*=\s*"([^"]+)"', re.MULTILINE)
# The user's own settings for AWS and for other runs of Terraform.
_FOREIGN = ("AWS_", "TF_VAR_", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE")

# Terraform starts the AWS provider seven times for one apply, and each time it builds the schemas of all of
# AWS. Fewer garbage collections meanwhile take a quarter of the CPU time away, for some hundred MB of memory.
_LESS_COLLECTING = {"GOGC": "400"}


def deployment(  # noqa: PLR0913  # each is one choice of who starts a stack
    state: StateFolder,
    emulator_url: str,
    variants: Iterable[str],
    dist: Path | None = None,
    *,
    origin: str | None = None,
    more: Mapping[str, object] | None = None,
) -> Terraform:
    """Terraform in a working copy of the configuration that points at the emulator.

    Args:
        state: where the copy goes; one that is there already keeps its state and its providers.
        emulator_url: of the emulator.
        variants: value of the variable of this name.
        dist: the folder of the zips; None for the project's own.
        origin: value of the variable `object_lambda_origin`; None for its default.
        more: values of other variables.
    """
    variables: dict[str, object] = {
        "force_destroy": True,
        "retain_edge_functions": False,
        "trigger_delivery": "cloudfront",
        "variants": sorted(variants),
        "wait_for_deployment": False,
    }
    if origin is not None:
        variables["object_lambda_origin"] = origin
    variables |= more or {}
    copy = make_working_copy(state.path, dist=dist, files={"local.auto.tfvars.json": json.dumps(variables)})
    aliases = [name for file in sorted(copy.glob("*.tf")) for name in _ALIAS.findall(file.read_text("utf-8"))]
    override = {
        "terraform": {"required_providers": {"aws": _PROVIDER_RELEASE}},
        "provider": {"aws": [_provider(emulator_url, alias) for alias in (None, *aliases)]},
    }
    (copy / "local_override.tf.json").write_text(json.dumps(override, indent=2), encoding="utf-8")
    environment = _without_foreign(os.environ) | _proxied_by(emulator_url) | _provider_cache()
    return Terraform(copy, env=environment | _LESS_COLLECTING)


def _provider(url: str, alias: str | None) -> dict[str, object]:
    """What an override file changes in a provider block; Terraform keeps the rest of the block."""
    changed: dict[str, object] = {
        "access_key": ROOT_KEY,
        "secret_key": ROOT_KEY,
        "endpoints": [dict.fromkeys(_ENDPOINTS, url) | {"s3control": _S3_CONTROL}],
        # The emulator answers or is gone: 25 attempts, the default, would only hide that for minutes.
        "max_retries": 2,
        "s3_use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
    }
    return changed if alias is None else {"alias": alias, **changed}


def _provider_cache() -> dict[str, str]:
    """Keep a downloaded provider for the next stack: it is by far the largest part."""
    if "TF_PLUGIN_CACHE_DIR" in os.environ or find_plugin_dir() is not None:
        return {}
    PROVIDERS.mkdir(parents=True, exist_ok=True)
    # The copy has no lock file, without which Terraform asks for this before it uses its cache.
    return {"TF_PLUGIN_CACHE_DIR": str(PROVIDERS), "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1"}


def _proxied_by(url: str) -> dict[str, str | None]:
    return {"HTTP_PROXY": url, "http_proxy": url, "NO_PROXY": None, "no_proxy": None}


def _without_foreign(environment: Mapping[str, str]) -> dict[str, str | None]:
    return {name: None for name in environment if name.startswith(_FOREIGN)}
