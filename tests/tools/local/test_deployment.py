"""The working copy of the configuration for the emulator."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tools.local import StackOptions
from tools.local.deployment import prepare_terraform
from tools.local.state import StateFolder
from tools.local.variables import merge_variables
from tools.terraform import Terraform, isolate_environment

URL = "http://127.0.0.1:4566"


def test_every_provider_uses_the_key_of_the_emulator(tmp_path: Path) -> None:
    folder = prepare_terraform(StackOptions(folder=tmp_path), URL).folder
    providers = json.loads((folder / "local_override.tf.json").read_text())["provider"]["aws"]
    assert [provider.get("alias") for provider in providers] == [None, "us_east_1"]
    assert {(provider["access_key"], provider["secret_key"]) for provider in providers} == {("test", "test")}
    # Each would have precedence over the addresses in the environment.
    assert not any("endpoints" in provider for provider in providers)


def test_the_variables_of_a_local_stack(tmp_path: Path) -> None:
    more: dict[str, object] = {"s3_trigger": {"delivery": "none", "fit": "contain"}, "quality": 70}
    usual: dict[str, Any] = {
        "distribution": {"wait_for_deployment": False},
        "force_destroy": True,
        "retain_edge_functions": False,
        "s3_trigger": {"delivery": "cloudfront"},
        "variants": ["edge_resize"],
    }
    for variables, expected in (({}, usual), (more, usual | more)):
        folder = prepare_terraform(StackOptions(folder=tmp_path, variables=variables), URL).folder
        found = json.loads((folder / "local.auto.tfvars.json").read_text())
        assert merge_variables(found, expected) == found


def test_every_address_in_the_environment_is_the_emulators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "AWS_PROFILE",
        "AWS_ENDPOINT_URL_ROUTE_53",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "NO_PROXY",
        "TF_VAR_bucket",
        "TF_WORKSPACE",
    ):
        monkeypatch.setenv(name, "production")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://production")
    state = StateFolder(tmp_path)
    terraform = prepare_terraform(StackOptions(folder=tmp_path), URL)
    expected = isolate_environment(state.home, {"PATH": os.environ["PATH"]}) | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_ENDPOINT_URL": URL,
        # The provider prepends the account to this host name, so that the emulator is reached as a proxy.
        "AWS_ENDPOINT_URL_S3_CONTROL": "http://s3-control.us-east-1.amazonaws.com",
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "test",
        "HTTP_PROXY": URL,
        "http_proxy": URL,
    }
    inherited = {"HTTPS_PROXY", "LANG", "LC_ALL", "SSL_CERT_DIR", "SSL_CERT_FILE", "TMPDIR", "https_proxy"}
    found = dict(terraform.environment or {})
    assert {name: value for name, value in found.items() if name not in inherited} == expected


def test_the_backend_of_the_copy_has_precedence(tmp_path: Path) -> None:
    folder = prepare_terraform(StackOptions(folder=tmp_path), URL).folder
    (folder / "backend.tf").write_text('terraform {\n  backend "s3" {}\n}\n')
    override = json.loads((folder / "local_override.tf.json").read_text())
    del override["provider"], override["terraform"]["required_providers"]
    for path in [*folder.glob("*.tf"), folder / "local.auto.tfvars.json"]:
        if path.name != "backend.tf":
            path.unlink()
    (folder / "local_override.tf.json").write_text(json.dumps(override))
    terraform = Terraform(folder, environment=isolate_environment(tmp_path / "home"))
    terraform.init()
    terraform.apply()
    assert (folder / "terraform.tfstate").is_file()
