"""The working copy that points at the emulator."""

import json
from pathlib import Path

import pytest

from tools.local.deployment import deployment
from tools.local.state import StateFolder
from tools.terraform import find_plugin_dir

URL = "http://127.0.0.1:4566"


def test_every_provider_of_the_configuration_points_at_the_emulator(tmp_path: Path) -> None:
    folder = deployment(StateFolder(tmp_path), URL, ["edge_resize"]).folder
    providers = json.loads((folder / "local_override.tf.json").read_text())["provider"]["aws"]
    assert [provider.get("alias") for provider in providers] == [None, "us_east_1"]
    for provider in providers:
        [endpoints] = provider["endpoints"]
        # The one service whose host name is made of the account: it comes to the emulator as to a proxy.
        assert endpoints.pop("s3control") == "http://s3-control.us-east-1.amazonaws.com"
        assert set(endpoints.values()) == {URL}


def test_the_variables_of_a_local_stack(tmp_path: Path) -> None:
    more = {"restore_on_manual_upload": True, "trigger_delivery": "none"}
    usual: dict[str, object] = {
        "force_destroy": True,
        "retain_edge_functions": False,
        "trigger_delivery": "cloudfront",
        "variants": ["edge_resize"],
        "wait_for_deployment": False,
    }
    for wished, expected in ((None, usual), (more, usual | more)):
        folder = deployment(StateFolder(tmp_path), URL, ["edge_resize"], more=wished).folder
        assert json.loads((folder / "local.auto.tfvars.json").read_text()) == expected


def test_the_origin_of_object_lambda_is_terraforms_choice_unless_named(tmp_path: Path) -> None:
    for origin in ("oac", None):
        folder = deployment(StateFolder(tmp_path), URL, ["object_lambda"], origin=origin).folder
        variables = json.loads((folder / "local.auto.tfvars.json").read_text())
        assert variables.get("object_lambda_origin") == origin


def test_the_users_own_settings_stay_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("TF_VAR_bucket_name", "precious")
    monkeypatch.setenv("TF_WORKSPACE", "production")
    terraform = deployment(StateFolder(tmp_path), URL, ["edge_resize"])
    terraform.init()
    terraform.validate()
    assert not (terraform.folder / "terraform.tfstate.d").exists()


def test_a_provider_that_has_to_be_downloaded_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here out of a mirror in the place of the registry."""
    mirror = find_plugin_dir()
    if mirror is None:
        pytest.skip("no provider on this machine to stand for the registry's")
    settings = tmp_path / "terraformrc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(settings))
    for user in ("tools.terraform.door", "tools.local.deployment"):
        monkeypatch.setattr(f"{user}.find_plugin_dir", lambda: None)
    monkeypatch.setattr("tools.local.deployment.PROVIDERS", tmp_path / "providers")
    deployment(StateFolder(tmp_path), URL, ["edge_resize"]).init()
    assert (tmp_path / "providers" / "registry.terraform.io" / "hashicorp" / "aws").is_dir()
