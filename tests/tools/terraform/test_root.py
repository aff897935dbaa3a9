"""Environments on real Terraform with its local backend and a provider that is built in."""

from pathlib import Path

import pytest

from tools.console import ToolError
from tools.terraform import isolate_environment, open_root, require_workspace

ROOT = """
terraform {
  backend "local" {}
}

variable "name" {
  type = string
}

variable "tags" {
  type    = map(string)
  default = {}
}

resource "terraform_data" "this" {
  input = { name = var.name, tags = var.tags }
}

output "deployment" {
  value = terraform_data.this.output
}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in isolate_environment(tmp_path / "home").items():
        monkeypatch.setenv(name, value)
    for name in ("staging", "production"):
        tmp_path.joinpath(f"{name}.tfvars").write_text(f'name = "{name}"\n', "utf-8")
    tmp_path.joinpath("tags.tfvars").write_text('tags = { team = "web" }\n', "utf-8")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "root"
    folder.mkdir()
    folder.joinpath("main.tf").write_text(ROOT, "utf-8")
    return folder


def test_each_environment_has_its_own_state(root: Path) -> None:
    for name in ("staging", "production"):
        environment = open_root(root, var_files=[f"{name}.tfvars", "tags.tfvars"], workspace=name)
        assert environment.plan()
        environment.apply()
        assert not environment.plan()
        assert environment.output() == {"deployment": {"name": name, "tags": {"team": "web"}}}
    # The selected workspace of the folder stays, for commands without --workspace.
    assert open_root(root).output() == {}
    assert {"default", "production", "staging"} == set(open_root(root).list_workspaces())

    staging = open_root(root, var_files=["staging.tfvars"], workspace="staging")
    require_workspace(staging, "staging")
    staging.destroy()
    assert staging.output() == {}
    production = open_root(root, workspace="production")
    assert production.output()["deployment"]["name"] == "production"


def test_a_typing_error_destroys_nothing(root: Path) -> None:
    open_root(root, var_files=["staging.tfvars"], workspace="staging").apply()
    misspelt = open_root(root, var_files=["staging.tfvars"], workspace="stagin")
    with pytest.raises(ToolError, match=r"^There is no workspace stagin\. Name one of: default, staging\.$"):
        require_workspace(misspelt, "stagin")


def test_a_missing_file_is_one_sentence(root: Path) -> None:
    with pytest.raises(ToolError, match=r"^There is no file prod\.tfvars\. --var-file takes a file like"):
        open_root(root, var_files=["prod.tfvars"])


def test_later_files_have_precedence(root: Path) -> None:
    environment = open_root(root, var_files=["staging.tfvars", "production.tfvars"])
    environment.apply()
    assert environment.output()["deployment"]["name"] == "production"


def test_a_command_without_options_asks_terraform_as_before(root: Path) -> None:
    require_workspace(open_root(root), None)
    assert not root.joinpath("terraform.tfstate.d").exists()
