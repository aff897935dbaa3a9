from pathlib import Path

import pytest

from tools.console import ToolError
from tools.environment import is_installed
from tools.terraform import run_checkov
from tools.terraform.checkov import ENVIRONMENT, LOCK

# Tests download nothing; `invoke lint` creates the environment.
pytestmark = pytest.mark.skipif(
    not is_installed(ENVIRONMENT, LOCK), reason="checkov is not installed: invoke lint"
)

LOG_GROUP = """
resource "aws_cloudwatch_log_group" "this" {{
  {skip}
  name              = "a"
  kms_key_id        = "arn:aws:kms:us-east-1:123456789012:key/a"
  retention_in_days = 1
}}
"""


def test_a_failed_check_is_reported(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(LOG_GROUP.format(skip=""))
    with pytest.raises(ToolError, match=r"CKV_AWS_338 /main\.tf aws_cloudwatch_log_group\.this: "):
        run_checkov(tmp_path)


def test_a_skip_with_a_reason_is_accepted_and_few_checks_are_refused(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(LOG_GROUP.format(skip="# checkov:skip=CKV_AWS_338:a test"))
    with pytest.raises(ToolError, match=r"Only [1-9]\d? checks of checkov passed"):
        run_checkov(tmp_path)


def test_a_folder_without_configuration_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="Only 0 checks of checkov passed"):
        run_checkov(tmp_path)
