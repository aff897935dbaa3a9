"""Read the user's values of Terraform variables that apply to a local stack."""

import json
import shutil
import tempfile
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from tools.console import ToolError
from tools.local.emulator.names import REGION
from tools.terraform import Terraform, isolate_environment
from tools.terraform.hcl import HclError, read_statements

LOCAL_VALUES: Mapping[str, object] = {
    "access_logs": None,
    "additional_behaviors": [],
    "bucket": {"create": True},
    "distribution": {
        "acm_certificate_arn": None,
        "aliases": [],
        "wait_for_deployment": False,
        "web_acl_id": None,
    },
    "domain": None,
    "force_destroy": True,
    "kms_key_arn": None,
    "packages": {},
    "permissions_boundary_arn": None,
    "purge": {"alarm_actions": []},
    "region": REGION,
    "retain_edge_functions": False,
    "s3_trigger": {
        "alarm_actions": [],
        "create_destination_bucket": True,
        "delivery": "cloudfront",
        "reserved_concurrency": None,
    },
    "web_acl": None,
}
"""Variables and attributes that depend on an AWS account, or on other servers of its owner.

A local stack always uses these values.
"""


def read_variables(files: Sequence[Path]) -> dict[str, object]:
    """Return the values in variable files (*.tfvars or *.tfvars.json), as evaluated by Terraform.

    Args:
        files: variable files; later files have precedence.

    Raises:
        ToolError: a file is missing or invalid.
    """
    names = {name for file in files for name in _read_names(file)}
    if not names:
        return {}
    module = {
        "variable": {name: {"default": None, "type": "any"} for name in names},
        "output": {name: {"value": f"${{var.{name}}}"} for name in names},
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "main.tf.json").write_text(json.dumps(module), encoding="utf-8")
        for number, file in enumerate(files):
            shutil.copyfile(file, folder / f"{number}.auto.tfvars{_suffix(file)}")
        terraform = Terraform(folder, environment=isolate_environment(folder / "home"))
        terraform.apply()
        values = terraform.output()
    # Terraform omits outputs that are null.
    return {name: values.get(name) for name in sorted(names)}


def merge_variables(values: Mapping[str, object], more: Mapping[str, object]) -> dict[str, object]:
    """Return values of variables with more values, which take precedence. Objects are merged by attribute."""
    merged = dict(values)
    for name, value in more.items():
        old = merged.get(name)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[name] = merge_variables(old, value)
        else:
            merged[name] = value
    return merged


def split_variables(
    values: Mapping[str, object], local_values: Mapping[str, object] = LOCAL_VALUES
) -> tuple[dict[str, object], list[str]]:
    """Split values of variables into those that a local stack uses and those that it ignores.

    Returns:
        The values to use, and the names of ignored variables, such as `s3_trigger.delivery`.
    """
    used: dict[str, object] = {}
    ignored: list[str] = []
    for name, value in values.items():
        if name not in local_values:
            used[name] = value
            continue
        local = local_values[name]
        if isinstance(value, Mapping) and isinstance(local, Mapping):
            used[name], attributes = split_variables(value, local)
            ignored += [f"{name}.{attribute}" for attribute in attributes]
        elif value != local:
            ignored.append(name)
    return used, ignored


def _read_names(file: Path) -> Collection[str]:
    try:
        text = file.read_text("utf-8")
        if _suffix(file):
            root = json.loads(text)
            if not isinstance(root, dict):
                raise ToolError(f"The variables in {file} cannot be read: it is no JSON object.")
            return root
        return [statement.name for statement in read_statements(text)]
    except FileNotFoundError as error:
        raise ToolError(f"There is no file {file}: name another with --var-file.") from error
    except (OSError, HclError, ValueError) as error:
        raise ToolError(f"The variables in {file} cannot be read: {error}.") from error


def _suffix(file: Path) -> str:
    return ".json" if file.suffix == ".json" else ""
