"""Terraform for tasks and tests: commands, checks, and configurations without access to an account."""

from tools.terraform.check import check_format, check_validity, require_terraform
from tools.terraform.checkov import run_checkov
from tools.terraform.credentials import require_credentials
from tools.terraform.isolation import find_provider_aliases, find_variables, isolate_environment
from tools.terraform.plugins import find_plugin_dir
from tools.terraform.root import open_root, require_workspace
from tools.terraform.runner import Terraform
from tools.terraform.working_copy import make_working_copy

__all__ = [
    "Terraform",
    "check_format",
    "check_validity",
    "find_plugin_dir",
    "find_provider_aliases",
    "find_variables",
    "isolate_environment",
    "make_working_copy",
    "open_root",
    "require_credentials",
    "require_terraform",
    "require_workspace",
    "run_checkov",
]
