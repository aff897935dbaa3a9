"""The outputs of Terraform that a backfill needs."""

import pytest

from tests.tools.backfill.conftest import FakeAccount
from tools.backfill.outputs import TriggerOutputs
from tools.console import ToolError
from tools.paths import TERRAFORM


@pytest.mark.parametrize("raw_outputs", [{}, {"s3_trigger": None}, {"bucket_name": "x"}])
def test_the_variant_is_not_deployed(raw_outputs: dict[str, object]) -> None:
    with pytest.raises(
        ToolError, match=r"s3_trigger is not deployed: .* apply the configuration, or .*\./invokew up"
    ):
        TriggerOutputs.from_terraform(raw_outputs)


def test_the_output_of_terraform(account: FakeAccount) -> None:
    outputs = TriggerOutputs.from_terraform(
        {"s3_trigger": account.raw_outputs | {"more": 1}, "bucket_name": "x"}
    )
    assert outputs == account.outputs
    assert outputs.partition == "aws"


def test_terraform_has_what_is_read() -> None:
    written = (TERRAFORM / "modules" / "edge_images" / "outputs.tf").read_text("utf-8")
    output = written.partition('output "s3_trigger" {')[2].partition("\n}")[0]
    named = {line.split(" = ")[0].strip() for line in output.splitlines() if " = " in line}
    assert {field for field in TriggerOutputs.__annotations__ if isinstance(field, str)} <= named
