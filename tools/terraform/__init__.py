"""The one door through which tasks and tests drive Terraform."""

from tools.terraform.checkov import run_checkov
from tools.terraform.credentials import require_credentials
from tools.terraform.door import Terraform
from tools.terraform.plugins import find_plugin_dir
from tools.terraform.working_copy import make_working_copy

__all__ = ["Terraform", "find_plugin_dir", "make_working_copy", "require_credentials", "run_checkov"]
