"""Options of `invoke up`, checked before anything is built or started."""

import json
import os
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.ports import free_port
from tools.console import ToolError
from tools.local import StackOptions, check_options
from tools.local.state import StateFolder, lock_pid_file
from tools.paths import SAMPLES


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """The user's Terraform folder."""
    folder = tmp_path / "terraform"
    folder.mkdir()
    return folder


def check(configuration: Path, **options: Any) -> StackOptions:
    usual: dict[str, Any] = {"port": free_port(), "folder": configuration.parent / "state"}
    return check_options(**usual | options, configuration=configuration)


def fake_terraform(folder: Path, output: str) -> str:
    """Create a program named terraform, and return a PATH that finds it first."""
    folder.mkdir()
    (folder / "terraform").write_text(f"#!/bin/sh\necho '{output}'\n")
    (folder / "terraform").chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"port": -1}, r"There is no port -1: choose one from 1 to 65535\."),
        ({"port": 0}, r"There is no port 0: "),
        ({"port": 65_536}, r"There is no port 65536: "),
        (
            {"port": 65_535, "variants": ["edge_resize", "object_lambda"]},
            r"There is no port 65536: .* to 65534\.",
        ),
        (
            {"variants": ["edge_resize", "edge_resze"]},
            r"There is no variant edge_resze: choose from edge_resize,",
        ),
        ({"variants": []}, r"There is no variant \(none given\): choose from edge_resize,"),
        ({"origin": "s3"}, r"There is no origin s3: choose from function_url, oac, edge_signer\."),
        ({"images": Path("/nowhere")}, r"There is no folder /nowhere with images: .* --images\."),
        ({"images": Path("/proc/self/fd")}, r"There is no image in /proc/self/fd: "),
        ({"folder": Path("/proc/version")}, r"The local stack cannot write to /proc/version: "),
        ({"folder": Path("/proc/version/a/b")}, r"The local stack cannot write to /proc/version: "),
        ({"var_file": Path("/nowhere")}, r"There is no file /nowhere: name another with --var-file\."),
    ],
)
def test_invalid_options(configuration: Path, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ToolError, match=f"^{sentence}"):
        check(configuration, **options)
    assert [path.name for path in configuration.parent.iterdir()] == ["terraform"]


@pytest.mark.parametrize("place", [0, 1])
def test_every_port_must_be_free(configuration: Path, place: int) -> None:
    first = free_port()
    with (
        socket.create_server(("127.0.0.1", first + place)),
        pytest.raises(ToolError, match=rf"^Port {first + place} is in use: .*--port") as raised,
    ):
        check(configuration, port=first, variants=["edge_resize", "object_lambda"])
    # The first port is checked alone, before the variants are read from files.
    ports = f"the 2 variants take the ports {first} to {first + 1}."
    assert (ports in str(raised.value.message)) == (place == 1)


def test_a_running_stack_is_reported_before_its_port(configuration: Path) -> None:
    state = StateFolder(configuration.parent / "state")
    with (
        lock_pid_file(state.stack_pid),
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ToolError, match=r"^A local stack is running already: .*\./invokew down"),
    ):
        check(configuration, port=taken.getsockname()[1])


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ('{"terraform_version": "1.8.5"}', r"Terraform 1\.8\.5 is too old\. Install 1\.9 or newer"),
        ('{"terraform_version": "0.15.0-rc1"}', r"Terraform 0\.15\.0-rc1 is too old\."),
        ("OpenTofu v1.9.0", r"The program terraform on PATH is not Terraform: OpenTofu"),
    ],
)
def test_unsuitable_programs_named_terraform(
    configuration: Path, monkeypatch: pytest.MonkeyPatch, output: str, sentence: str
) -> None:
    monkeypatch.setenv("PATH", fake_terraform(configuration.parent / "bin", output))
    with pytest.raises(ToolError, match=f"^{sentence}"):
        check(configuration)


def test_terraform_is_missing(configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(configuration))
    with pytest.raises(ToolError, match=r"^Terraform is not installed"):
        check(configuration)


def test_a_folder_that_is_not_a_mirror(configuration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_PLUGIN_DIR", str(configuration))
    with pytest.raises(ToolError, match=r"^TF_PLUGIN_DIR is "):
        check(configuration)


def test_the_users_variables(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (configuration / "terraform.tfvars").write_text(
        """
        sizes = { # a comment
          HERO = [1600, 900]
        }
        quality             = 60
        qualty              = 50
        sises               = {}
        tags                = { team = "web" }
        versioning          = null
        bucket              = { name = "precious", create = false }
        variants            = ["edge_resize", "s3_trigger"]
        object_lambda       = { origin = "oac", exif = "off" }
        s3_trigger          = { alarm_actions = ["arn:aws:sns:us-east-1:123456789012:a"], fit = "contain" }

        distribution = {
          acm_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/a"
          aliases             = ["img.example.com"]
          max_ttl_seconds     = 600
          web_acl_id          = null
        }
        """
    )
    (configuration / "other.auto.tfvars").write_text("quality = 1\n")
    more = configuration / "more.tfvars.json"
    more.write_text(json.dumps({"quality": 61, "region": "eu-central-1"}))
    options = check(configuration, var_file=more)
    assert options.variants == ("edge_resize", "s3_trigger")
    assert options.variables == {
        "bucket": {"name": "precious"},
        "distribution": {"max_ttl_seconds": 600},
        "object_lambda": {"origin": "oac", "exif": "off"},
        "quality": 61,
        "qualty": 50,
        "sises": {},
        "s3_trigger": {"fit": "contain"},
        "sizes": {"HERO": [1600, 900]},
        "tags": {"team": "web"},
        "versioning": None,
    }
    assert capsys.readouterr().out == (
        "Set aside, since a local stack has its own values: bucket.create, distribution.acm_certificate_arn, "
        "distribution.aliases, region, s3_trigger.alarm_actions.\n"
        "Without effect, since no variable has the name: qualty, sises.\n"
    )
    assert check(configuration, variants=["object_lambda"]).variants == ("object_lambda",)
    named = check(configuration, origin="edge_signer", variants=["object_lambda"] * 2)
    assert named.variables["object_lambda"] == {"origin": "edge_signer", "exif": "off"}
    assert named.variants == ("object_lambda",)
    assert StackOptions.from_json(options.to_json()) == options


@pytest.mark.parametrize(
    ("count", "named"),
    [
        ("1 file is", "0.txt"),
        ("5 files are", "0.txt, 1.txt, 2.txt, 3.txt, 4.txt"),
        ("1,007 files are", "0.txt, 1.txt, 10.txt, 100.txt, 1000.txt and 1,002 more"),
    ],
)
def test_files_that_are_not_uploaded(
    configuration: Path, capsys: pytest.CaptureFixture[str], count: str, named: str
) -> None:
    folder = configuration.parent / "images"
    folder.mkdir()
    for number in range(int(count.split(maxsplit=1)[0].replace(",", ""))):
        (folder / f"{number}.txt").touch()
    (folder / ".DS_Store").touch()
    (folder / "text.jpg").write_text("no image")
    shutil.copy(SAMPLES / "cat.jpg", folder)
    by_name = f"{count} left out, since the name is not that of an image: {named}.\n"
    check(configuration, images=folder)
    assert capsys.readouterr().out == by_name
    check(configuration, images=folder, variants=["edge_resize", "s3_trigger"])
    by_content = "1 file is left out, since s3_trigger could not resize it: text.jpg.\n"
    assert capsys.readouterr().out == by_name + by_content


def test_no_variables(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = check(configuration)
    assert (options.variants, options.variables, options.images) == (("edge_resize",), {}, SAMPLES)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["5", '"quality"', "[{}]", "null"])
def test_a_json_file_without_an_object(configuration: Path, text: str) -> None:
    (configuration / "terraform.tfvars.json").write_text(text)
    with pytest.raises(ToolError, match=r"^The variables in .* cannot be read: it is no JSON object\.$"):
        check(configuration)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("quality = [\n", r"The variables in .*terraform\.tfvars cannot be read: line 2 is not HCL\."),
        ("quality = var.x\n", r"terraform apply failed in (.|\n)*Variables not allowed"),
        ('variants = "s3_trigger"\n', r"The variable variants is a list of names, not 's3_trigger'\."),
        ("variants = [1]\n", r"The variable variants is a list of names, not \[1\]\."),
        ('variants = ["s3"]\n', r"There is no variant s3: "),
    ],
)
def test_invalid_variables(configuration: Path, text: str, sentence: str) -> None:
    (configuration / "terraform.tfvars").write_text(text)
    with pytest.raises(ToolError, match=f"^{sentence}"):
        check(configuration)
