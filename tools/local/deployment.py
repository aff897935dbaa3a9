"""Prepare the real Terraform configuration for the emulator, in a working copy."""

import json
from pathlib import Path

from tools.local.emulator.names import REGION, ROOT_KEY
from tools.local.options import StackOptions
from tools.local.variables import LOCAL_VALUES, merge_variables
from tools.terraform import Terraform, find_provider_aliases, isolate_environment, make_working_copy

# The release that the pinned emulator is tested with.
_PROVIDER_RELEASE = {"source": "hashicorp/aws", "version": "~> 5.100"}
# The provider prepends the account to the host name of S3 Control. No such host exists for a local address,
# so that these requests are sent to the emulator as HTTP proxy. Go ignores proxies for local addresses.
_S3_CONTROL = f"http://s3-control.{REGION}.amazonaws.com"


def prepare_terraform(options: StackOptions, emulator_url: str) -> Terraform:
    """Make a working copy of the configuration that uses the emulator, in the folder of the stack.

    An existing copy is updated and keeps its state and providers.
    """
    values = merge_variables({**LOCAL_VALUES, "variants": sorted(options.variants)}, options.variables)
    files = {"local.auto.tfvars.json": json.dumps(values)}
    copy = make_working_copy(options.folder, dist=options.dist, files=files)
    override = {
        # A backend in an override file replaces a backend that isolation may have missed.
        "terraform": {"backend": {"local": {}}, "required_providers": {"aws": _PROVIDER_RELEASE}},
        "provider": {
            "aws": [_override_provider(alias) for alias in (None, *sorted(find_provider_aliases(copy)))]
        },
    }
    (copy / "local_override.tf.json").write_text(json.dumps(override, indent=2), encoding="utf-8")
    return Terraform(copy, environment=isolate_from_aws(options.state.home, emulator_url))


def _override_provider(alias: str | None) -> dict[str, object]:
    """Return the arguments that an override file changes in a provider block. Others are kept.

    The addresses of services are variables of the environment, see `isolate_from_aws`: the provider takes a
    second to validate a block `endpoints`, five times for each apply.
    """
    changed: dict[str, object] = {
        "access_key": ROOT_KEY,
        "secret_key": ROOT_KEY,
        # The emulator is reliable: the default of 25 retries would hide a crash for minutes.
        "max_retries": 2,
        "s3_use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
    }
    return changed if alias is None else {"alias": alias, **changed}


def isolate_from_aws(home: Path, url: str) -> dict[str, str]:
    """Return all environment variables of a Terraform whose requests reach only the emulator."""
    return isolate_environment(home) | {
        "AWS_ACCESS_KEY_ID": ROOT_KEY,
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_S3_CONTROL": _S3_CONTROL,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
        "HTTP_PROXY": url,
        "http_proxy": url,
    }
