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
from tools.terraform import Terraform, isolate_environment

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
        match=r"no output deployment: run \./invokew apply, name .* in TF_WORKSPACE, "
        r".* in --configuration, or add --local for",
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


def test_terraform_of_the_local_stack_reaches_only_the_emulator(
    running: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_state(running.terraform, OUTPUTS)
    environments: list[dict[str, str]] = []

    def start(folder: Path, environment: dict[str, str]) -> Terraform:
        environments.append(environment)
        return Terraform(folder, environment=environment)

    monkeypatch.setattr("tools.deployment.Terraform", start)
    find_deployment(select, local=True)
    assert [environment["AWS_ENDPOINT_URL"] for environment in environments] == ["http://127.0.0.1:9"]


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


MODULE = {
    "variable": {"name": {}},
    "output": {
        name: {"value": value | {"name": "${var.name}"} if name == "function_arns" else value}
        for name, value in OUTPUTS.items()
    },
}


def apply_configuration(folder: Path, modules: dict[str, Any], outputs: dict[str, str]) -> None:
    """Apply a configuration that calls a module with the outputs of edge_images."""
    (folder / "edge_images").mkdir(parents=True)
    (folder / "edge_images" / "main.tf.json").write_text(json.dumps(MODULE), "utf-8")
    blocks = {name: {"source": "./edge_images", **arguments} for name, arguments in modules.items()}
    values = {name: {"value": value, "sensitive": True} for name, value in outputs.items()}
    (folder / "main.tf.json").write_text(json.dumps({"module": blocks, "output": values}), "utf-8")
    terraform = Terraform(folder)
    terraform.init()
    terraform.apply()


def test_a_configuration_of_ones_own(root: Path) -> None:
    bucket = '${module.edge_images.deployment["region"]}'
    outputs = {"edge_images": "${module.edge_images}", "region": bucket, "regions": f"${{[{bucket[2:-1]}]}}"}
    apply_configuration(root, {"edge_images": {"name": "production"}}, outputs)
    for configuration in (str(root), f"{root}:edge_images"):
        found = find_deployment(select, local=False, configuration=configuration)
        assert found.outputs == {"edge_resize": "arn", "name": "production"}
        assert found.edge_urls == {"edge_resize": "https://d111111abcdef8.cloudfront.net"}
        assert found.session.region_name == "eu-central-1"
        assert found.option == f" --configuration {configuration}"
        assert found.apply == f"terraform -chdir={root} apply"
    with pytest.raises(ToolError, match=f"^{root} has no deployment staging: give --configuration "):
        find_deployment(select, local=False, configuration=f"{root}:staging")


def test_several_deployments_of_one_configuration(root: Path) -> None:
    modules = {
        "by_name": {"for_each": '${toset(["staging", "production"])}', "name": "${each.key}"},
        "counted": {"count": 1, "name": "counted"},
    }
    apply_configuration(root, modules, {"images": "${module.by_name}", "more": "${module.counted}"})
    for name in ("staging", "production"):
        found = find_deployment(select, local=False, configuration=f"{root}:images.{name}")
        assert found.outputs["name"] == name
    names = ", ".join(f"{root}:{name}" for name in ("images.production", "images.staging", "more.0"))
    with pytest.raises(ToolError) as refused:
        find_deployment(select, local=False, configuration=str(root))
    assert refused.value.message == f"{root} has several deployments: give --configuration one of {names}."


@pytest.mark.parametrize("outputs", [{}, {"edge_images": {"bucket_name": "images"}}])
def test_a_configuration_without_the_output(root: Path, outputs: dict[str, Any]) -> None:
    write_state(root, outputs)
    with pytest.raises(ToolError, match=r"^No output of .*root is the module edge_images: add .*, and run"):
        find_deployment(select, local=False, configuration=str(root))


def test_a_configuration_is_left_to_its_owner(root: Path) -> None:
    """A backend may need arguments that only the owner's `terraform init` has."""
    root.mkdir()
    (root / "main.tf").write_text('terraform {\n  backend "local" {}\n}\n', "utf-8")
    with pytest.raises(ToolError, match=r'(?s)terraform output failed in .*root\..*run "terraform init"'):
        find_deployment(select, local=False, configuration=str(root))
    assert [path.name for path in root.iterdir()] == ["main.tf"]


def test_a_configuration_that_is_not_there(root: Path) -> None:
    with pytest.raises(ToolError, match=rf"^There is no folder {root} to run Terraform in\.$"):
        find_deployment(select, local=False, configuration=str(root))


def test_a_configuration_and_the_local_stack(root: Path) -> None:
    with pytest.raises(ToolError, match=r"^--local and --configuration are two deployments: give one\.$"):
        find_deployment(select, local=True, configuration=str(root))
