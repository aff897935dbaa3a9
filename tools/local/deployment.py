"""The real Terraform configuration, applied to the emulator from a working copy."""

import json

from tools.local.emulator.names import REGION, ROOT_KEY
from tools.local.options import StackOptions
from tools.terraform import Terraform, find_provider_aliases, isolate_environment, make_working_copy

_ENDPOINTS = ("cloudfront", "cloudwatch", "iam", "lambda", "logs", "s3", "sqs", "sts")
# What the pinned emulator is tried with.
_PROVIDER_RELEASE = {"source": "hashicorp/aws", "version": "~> 5.100"}
# S3 Control puts the account before the host name of any endpoint. The emulator is Terraform's proxy for
# plain HTTP, so nobody looks for a machine of that name; addresses of this machine are never asked of a
# proxy.
_S3_CONTROL = f"http://s3-control.{REGION}.amazonaws.com"


def prepare_terraform(options: StackOptions, emulator_url: str) -> Terraform:
    """Make a working copy of the configuration that uses the emulator, in the folder of the stack.

    An existing copy is updated and keeps its state and providers.
    """
    variables = {
        "force_destroy": True,
        "retain_edge_functions": False,
        "trigger_delivery": "cloudfront",
        "variants": sorted(options.variants),
        "wait_for_deployment": False,
        **options.variables,
    }
    files = {"local.auto.tfvars.json": json.dumps(variables)}
    copy = make_working_copy(options.folder, dist=options.dist, files=files)
    override = {
        # A backend in an override file comes before every other one, should one still be there.
        "terraform": {"backend": {"local": {}}, "required_providers": {"aws": _PROVIDER_RELEASE}},
        "provider": {
            "aws": [_provider(emulator_url, alias) for alias in (None, *sorted(find_provider_aliases(copy)))]
        },
    }
    (copy / "local_override.tf.json").write_text(json.dumps(override, indent=2), encoding="utf-8")
    return Terraform(copy, environment=isolate_environment(options.state.home) | _environment(emulator_url))


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


def _environment(url: str) -> dict[str, str]:
    """Lead every request to the emulator: those of services without an endpoint of their own as well."""
    return {
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "HTTP_PROXY": url,
        "http_proxy": url,
    }
