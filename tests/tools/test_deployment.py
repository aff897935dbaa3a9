"""The deployment that a command works on, with a state as Terraform writes it."""

import json
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from tests.libs.s3_http.servers import moto_address
from tools.console import ToolError
from tools.deployment import find_deployment
from tools.local.state import StateFolder, lock_pid_file
from tools.terraform import isolate_environment

__all__ = ["moto_address"]

ACCOUNT_ID = "123456789012"  # moto's
OUTPUTS = {
    "deployment": {"account_id": ACCOUNT_ID, "region": "eu-central-1"},
    "distribution_domain_names": {"edge_resize": "d111111abcdef8.cloudfront.net"},
    "function_arns": {"edge_resize": "arn"},
}
select = itemgetter("function_arns")


def write_state(folder: Path, outputs: dict[str, Any]) -> None:
    """Write the state of a configuration that has outputs only."""
    values = {
        name: {"value": value, "type": ["object", dict.fromkeys(value, "string")]}
        for name, value in outputs.items()
    }
    state = {"version": 4, "serial": 1, "lineage": "test", "outputs": values, "resources": []}
    folder.mkdir()
    folder.joinpath("main.tf").touch()
    folder.joinpath("terraform.tfstate").write_text(json.dumps(state), "utf-8")


@pytest.fixture
def root(tmp_path: Path, moto_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the root module, yet to be made."""
    environment = isolate_environment(tmp_path / "home") | {
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_ENDPOINT_URL": "http://{}:{}".format(*moto_address),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tools.deployment.TERRAFORM", tmp_path / "root")
    return tmp_path / "root"


def test_in_aws(root: Path) -> None:
    write_state(root, OUTPUTS)
    found = find_deployment(select, local=False)
    assert (found.is_local, found.session.region_name) == (False, "eu-central-1")
    assert found.outputs == {"edge_resize": "arn"}
    assert found.edge_urls == {"edge_resize": "https://d111111abcdef8.cloudfront.net"}


def test_another_account(root: Path) -> None:
    write_state(root, OUTPUTS | {"deployment": {"account_id": "210987654321", "region": "eu-central-1"}})
    with pytest.raises(ToolError, match=f"belong to account {ACCOUNT_ID}, .* to 210987654321: choose others"):
        find_deployment(select, local=False)


@pytest.mark.parametrize("outputs", [{}, {"function_arns": {"edge_resize": "arn"}}])
def test_nothing_or_an_older_release_is_deployed(root: Path, outputs: dict[str, Any]) -> None:
    write_state(root, outputs)
    with pytest.raises(
        ToolError,
        match=r"no output deployment: run invoke apply, name .* in TF_WORKSPACE, or add --local for",
    ):
        find_deployment(select, local=False)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StateFolder:
    """The folder of the local stack, yet to be started."""
    monkeypatch.setattr("tools.deployment.STATE", tmp_path)
    return StateFolder(tmp_path)


@pytest.fixture
def running(state: StateFolder) -> Iterator[StateFolder]:
    """The folder of a running stack."""
    with lock_pid_file(state.stack_pid):
        result = {"emulator_url": "http://127.0.0.1:9", "edge_urls": {"edge_resize": "http://127.0.0.1:8080"}}
        state.result.write_text(json.dumps(result), "utf-8")
        yield state


def test_the_local_stack(running: StateFolder) -> None:
    write_state(running.terraform, OUTPUTS)
    found = find_deployment(select, local=True)
    assert (found.is_local, found.endpoint_url) == (True, "http://127.0.0.1:9")
    assert found.outputs == {"edge_resize": "arn"}
    assert found.edge_urls == {"edge_resize": "http://127.0.0.1:8080"}


def test_the_local_stack_of_an_older_release(running: StateFolder) -> None:
    write_state(running.terraform, {})
    with pytest.raises(ToolError, match=r"deployment: run \./invokew down, then \./invokew up --detach"):
        find_deployment(select, local=True)


@pytest.mark.parametrize(
    ("variant", "up"),
    [(None, "./invokew up --detach"), ("s3_trigger", "./invokew up --detach --variants s3_trigger")],
)
def test_no_local_stack(state: StateFolder, variant: str | None, up: str) -> None:
    assert not state.stack_pid.exists()
    with pytest.raises(ToolError, match=f"No local stack is running: start one with {up}$"):
        find_deployment(select, local=True, variant=variant)
