"""Plans of the root over the state of an earlier release, with the real provider."""

import json
import shutil
from pathlib import Path

import pytest

from tools.terraform import Terraform

# One moto, one copy of the root: on one worker, with the other plans.
pytestmark = pytest.mark.xdist_group("terraform-plan")

STATE = Path(__file__).with_name("states") / "before_1.0.0.json"


def plan_upgrade(root: Path, environment: dict[str, str], **variables: object) -> dict[str, tuple[str, ...]]:
    """Plan over the state of commit 884b981, applied with all variants, without empty and null attributes."""
    state = root / "terraform.tfstate"
    shutil.copyfile(STATE, state)
    try:
        return Terraform(
            root,
            environment=environment | {"TF_CLI_ARGS_plan": "-refresh=false"},
            variables={
                "object_lambda": {"origin": "edge_signer"},
                "s3_trigger": {"delivery": "cloudfront"},
                "variants": ["edge_resize", "object_lambda", "s3_trigger"],
                **variables,
            },
        ).plan_changes()
    finally:
        state.unlink()


def test_an_upgrade_from_before_1_0_0_replaces_nothing(root: Path, attached: dict[str, str]) -> None:
    changes = plan_upgrade(root, attached)
    before = sum(len(each["instances"]) for each in json.loads(STATE.read_text("utf-8"))["resources"])
    assert set(changes.values()) <= {("create",), ("move",), ("update",)}
    assert len(changes) - list(changes.values()).count(("create",)) == before > 50
    created = {address.split(".")[-2] for address, actions in changes.items() if actions == ("create",)}
    assert created == {"aws_cloudfront_function", "aws_s3_object", "terraform_data"}


def test_a_log_group_is_deleted_before_its_successor_is_created(root: Path, attached: dict[str, str]) -> None:
    """Both have one name. Another class needs another group."""
    changes = plan_upgrade(root, attached, log_class="INFREQUENT_ACCESS")
    groups = [actions for address, actions in changes.items() if ".aws_cloudwatch_log_group." in address]
    assert groups == [("delete", "create")] * 6
