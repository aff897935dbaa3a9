"""Which deployment a command works on."""

import importlib
from pathlib import Path

import boto3
import pytest

from tests.tools.backfill.conftest import ACCOUNT, Library
from tools.backfill.deployment import Deployment, check_account, find_target
from tools.console import ToolError


@pytest.mark.parametrize("outputs", [{}, {"s3_trigger": None}, {"bucket_name": "x"}])
def test_the_variant_is_not_there(outputs: dict[str, object]) -> None:
    with pytest.raises(ToolError, match=r"s3_trigger is not there: .*invoke apply, or .*invoke up"):
        Deployment.of(outputs)


def test_the_output_of_terraform(library: Library) -> None:
    deployment = Deployment.of({"s3_trigger": library.outputs | {"more": 1}, "bucket_name": "x"})
    assert deployment == library.deployment
    assert deployment.partition == "aws"


def test_terraform_has_what_is_read() -> None:
    written = (Path(__file__).parents[3] / "terraform" / "outputs_s3_trigger.tf").read_text("utf-8")
    output = written.partition('output "s3_trigger" {')[2].partition("\n}")[0]
    named = {line.split(" = ")[0].strip() for line in output.splitlines() if " = " in line}
    assert {field for field in Deployment.__annotations__ if isinstance(field, str)} <= named


@pytest.mark.parametrize("account", [ACCOUNT, "210987654321"])
def test_the_account(library: Library, account: str) -> None:
    deployment = Deployment.of({"s3_trigger": library.outputs | {"account_id": account}})
    session = boto3.Session()
    if account == ACCOUNT:  # that of moto
        check_account(session, deployment)
        return
    with pytest.raises(ToolError, match=f"are of account {ACCOUNT}, .* in {account}: choose others"):
        check_account(session, deployment)


def test_no_local_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("tools.backfill.deployment"), "STATE", tmp_path)
    with pytest.raises(ToolError, match="No local stack is running: invoke up"):
        find_target(local=True)
