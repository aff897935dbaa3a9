"""The one door through which tasks and tests drive Terraform."""

from tools.terraform.check import check_layout, check_validity, require_terraform
from tools.terraform.checkov import run_checkov
from tools.terraform.credentials import require_credentials
from tools.terraform.door import Terraform
from tools.terraform.isolation import isolated_environment, provider_aliases
from tools.terraform.plugins import find_plugin_dir
from tools.terraform.working_copy import make_working_copy

__all__ = [
    "Terraform",
    "check_layout",
    "check_validity",
    "find_plugin_dir",
    "isolated_environment",
    "make_working_copy",
    "provider_aliases",
    "require_credentials",
    "require_terraform",
    "run_checkov",
]
