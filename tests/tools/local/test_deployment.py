"""The working copy that points at the emulator."""

import json
from pathlib import Path

import pytest

from tools.local.deployment import deployment
from tools.local.state import StateFolder

URL = "http://127.0.0.1:4566"


def test_every_provider_of_the_configuration_points_at_the_emulator(tmp_path: Path) -> None:
    folder = deployment(StateFolder(tmp_path), URL, ["edge_resize"]).folder
    providers = json.loads((folder / "local_override.tf.json").read_text())["provider"]["aws"]
    assert [provider.get("alias") for provider in providers] == [None, "us_east_1"]
    assert {endpoint for provider in providers for endpoint in provider["endpoints"][0].values()} == {URL}


def test_the_variables_of_a_local_stack(tmp_path: Path) -> None:
    folder = deployment(StateFolder(tmp_path), URL, ["edge_resize"]).folder
    assert json.loads((folder / "local.auto.tfvars.json").read_text()) == {
        "force_destroy": True,
        "retain_edge_functions": False,
        "variants": ["edge_resize"],
        "wait_for_deployment": False,
    }


def test_the_users_own_settings_stay_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("TF_VAR_bucket_name", "precious")
    monkeypatch.setenv("TF_WORKSPACE", "production")
    terraform = deployment(StateFolder(tmp_path), URL, ["edge_resize"])
    terraform.init()
    terraform.validate()
    assert not (terraform.folder / "terraform.tfstate.d").exists()
