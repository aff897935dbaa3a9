import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tools.console import ToolError
from tools.terraform import Terraform, isolate_environment

# terraform_data is built into Terraform: a real configuration without a provider.
CONFIGURATION = """
variable "greeting" {
  type    = string
  default = "hello"
}

variable "boxes" {
  type    = map(list(number))
  default = null
}

resource "terraform_data" "greeting" {
  input = var.greeting
}

output "greeting" {
  value = terraform_data.greeting.output
}

output "boxes" {
  value = var.boxes
}
"""

TESTS = """
run "greets" {
  assert {
    condition     = output.greeting == "hello"
    error_message = "No greeting."
  }
}

run "greets_again" {
  assert {
    condition     = output.greeting == "hello"
    error_message = "No greeting."
  }
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("TF_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "a root"
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    return folder


def test_from_init_to_destroy(folder: Path) -> None:
    terraform = Terraform(folder, variables={"greeting": "good day"})
    terraform.init()
    terraform.validate()
    assert terraform.plan() is True
    assert terraform.plan_resources()["terraform_data.greeting"]["input"] == "good day"
    terraform.apply()
    assert terraform.plan() is False
    assert terraform.output()["greeting"] == "good day"
    assert terraform.read_state_resources()["terraform_data.greeting"]["input"] == "good day"
    terraform.destroy()
    assert terraform.read_state_resources() == {}


# Without a mirror on the machine, the cache of providers, which is not safe for two that write.
@pytest.mark.xdist_group("terraform-plan")
def test_a_temporary_copy_needs_no_checksums(folder: Path, tmp_path: Path) -> None:
    (folder / "providers.tf").write_text(
        'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n'
        '      version = ">= 5.100, < 7.0"\n    }\n  }\n}\n'
    )
    terraform = Terraform(folder, environment=isolate_environment(tmp_path / "home"))
    lock = folder / ".terraform.lock.hcl"
    terraform.init()
    before = lock.read_text()
    assert '"h1:' in before
    terraform.init(checksums=False)
    assert re.sub(r"hashes = [^]]*]", "", before).split() == lock.read_text().split()
    assert terraform.plan() is True


@pytest.mark.parametrize(
    "boxes", [None, {}, {"S": [854, 480], "XS": [427, 240]}], ids=["null", "empty", "map of lists"]
)
def test_variables_of_any_kind(folder: Path, boxes: dict[str, Any] | None) -> None:
    terraform = Terraform(folder, variables={"boxes": boxes}, parallelism=1)
    terraform.init()
    terraform.apply()
    assert terraform.output().get("boxes") == boxes


def test_no_variable_file_is_left(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    terraform = Terraform(folder, variables={"greeting": "secret"})
    terraform.init()
    terraform.apply()
    with pytest.raises(ToolError):
        Terraform(folder, variables={"greeting": ["not a string"]}).plan()
    assert list(temporary.iterdir()) == []


def test_the_environment_is_replaced_for_terraform_only(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_CLI_ARGS_validate", "-nonsense")
    before = dict(os.environ)
    terraform = Terraform(folder, environment={"PATH": os.environ["PATH"], "TF_VAR_greeting": "moin"})
    terraform.init()
    terraform.validate()
    terraform.apply()
    assert terraform.output() == {"greeting": "moin"}
    assert dict(os.environ) == before


@pytest.mark.parametrize("exists", [True, False], ids=["kept", "dropped"])
def test_cli_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch, *, exists: bool) -> None:
    """Terraform warns at every command about a missing file and about an invalid file."""
    if exists:
        (folder / "user.tfrc").write_text("nonsense {")
    (folder / "main.tf").write_text("output {}")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(folder / "user.tfrc"))
    with pytest.raises(ToolError) as caught:
        Terraform(folder).validate()
    assert ("user.tfrc" in str(caught.value)) is exists


@pytest.mark.parametrize("command", ["init", "validate", "plan", "apply", "destroy", "output", "test"])
def test_a_failure_carries_terraforms_message(folder: Path, command: str) -> None:
    (folder / "main.tf").write_text('resource "nonsense" {}')
    with pytest.raises(ToolError) as caught:
        getattr(Terraform(folder), command)()
    message = str(caught.value)
    assert message.startswith(f"terraform {command} failed in {folder}.")
    assert "Error: " in message
    assert "\x1b" not in message


def test_an_untrusted_certificate_comes_with_a_hint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / "terraform"
    program.parent.mkdir()
    reason = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
    program.write_text(f"#!/bin/sh\necho '{reason}' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    with pytest.raises(ToolError, match=rf"{reason}\n.*SSL_CERT_FILE\.$"):
        Terraform(folder).init()


def test_downloads_of_the_provider_follow_each_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = folder / "log"
    program = folder / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho begin >>'{log}'\nsleep 0.2\necho end >>'{log}'\n")
    program.chmod(0o755)
    monkeypatch.setattr("tools.terraform.runner.find_plugin_dir", lambda _: None)
    environment = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda _: Terraform(folder, environment=environment).init(), range(3)))
    assert log.read_text().split() == ["begin", "end"] * 3


def test_missing_terraform_is_reported_in_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(ToolError) as caught:
        Terraform(folder).plan()
    assert str(caught.value) == "Terraform is not installed. Install 1.9 or newer and put it on PATH."


def test_a_missing_folder_is_reported_in_one_sentence(folder: Path) -> None:
    with pytest.raises(ToolError, match="There is no folder"):
        Terraform(folder / "nowhere")


def test_an_empty_state_file(folder: Path) -> None:
    """A plan that is killed leaves one, which Terraform counts as no state."""
    (folder / "terraform.tfstate").touch()
    assert Terraform(folder).output() == {}


def test_tests_are_counted(folder: Path) -> None:
    terraform = Terraform(folder)
    terraform.init()
    (folder / "greeting.tftest.hcl").write_text(TESTS)
    assert terraform.test() == 2
    (folder / "greeting.tftest.hcl").write_text(TESTS.replace("hello", "goodbye"))
    with pytest.raises(ToolError, match="No greeting"):
        terraform.test()


def test_the_format_check_names_the_files(folder: Path) -> None:
    Terraform(folder).check_format()
    (folder / "untidy.tf").write_text("locals {\na=1\n}\n")
    with pytest.raises(ToolError, match=r"terraform fmt -recursive.*untidy\.tf"):
        Terraform(folder).check_format()


def test_show_sends_the_output_to_the_terminal(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    terraform = Terraform(folder, show=True)
    terraform.init()
    terraform.apply()
    assert "Apply complete! Resources: 1 added" in capfd.readouterr().out
    assert terraform.output()["greeting"] == "hello"
