"""Configurations and environments without access to the user's account or state."""

import json
from pathlib import Path

import pytest

from tools.console import ToolError
from tools.terraform import (
    Terraform,
    check_validity,
    find_plugin_dir,
    find_provider_aliases,
    isolate_environment,
    make_working_copy,
)

# terraform_data is built into Terraform: a real configuration without a provider.
MAIN = 'resource "terraform_data" "this" {\n  input = "local"\n}\n'
BACKEND = {"local": {"path": "PRODUCTION"}}
PRODUCTION = json.dumps(
    {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 7,
        "lineage": "0d6ba9b2-8c64-4c2a-9f0e-000000000001",
        "outputs": {"bucket_name": {"value": "precious", "type": "string"}},
        "resources": [],
    }
)

PLACES = {
    "a file of its own": {
        "backend.tf": 'terraform {\n  backend "local" {\n    path = "PRODUCTION"\n  }\n}\n'
    },
    "beside the versions": {
        "versions.tf": 'terraform {\nrequired_version = ">= 1"\nbackend "local" { path = "PRODUCTION" }\n}\n'
    },
    "in one line": {"x.tf": 'terraform { backend "local" { path = "PRODUCTION" } } # {\n'},
    "with comments": {
        "x.tf": 'terraform /* } */ {\n# }\n  backend /* { */ "local" { // }\n  path = "PRODUCTION"\n  }\n}\n'
    },
    "JSON": {"x.tf.json": json.dumps({"terraform": {"backend": BACKEND}})},
    "JSON in lists": {"x.tf.json": json.dumps([{"terraform": [{"backend": [BACKEND]}]}])},
    "an override file": {
        "override.tf": 'terraform {\n  backend "local" {\n    path = "PRODUCTION"\n  }\n}\n'
    },
    "the last override file": {"zz_override.tf.json": json.dumps({"terraform": {"backend": BACKEND}})},
    "HCP Terraform": {
        "cloud.tf": 'terraform {\n  cloud {\n    organization = "a"\n    workspaces { name = "b" }\n  }\n}\n'
    },
    "files of an earlier run": {
        ".terraform/terraform.tfstate": json.dumps(
            {"version": 3, "backend": {"type": "local", "config": {"path": "PRODUCTION"}, "hash": 1}}
        ),
        ".terraform/environment": "production",
        "terraform.tfstate": PRODUCTION,
        "terraform.tfstate.d/production/terraform.tfstate": PRODUCTION,
        "x.auto.tfvars": "nonsense {",
        "terraform.tfvars.json": "nonsense",
    },
}


def write_configuration(folder: Path, files: dict[str, str], state: Path) -> Path:
    """Write a configuration with the user's files, in which PRODUCTION stands for the path of a state."""
    for name, text in {"main.tf": MAIN, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("PRODUCTION", str(state)))
    return folder


def collapse(path: Path) -> str:
    return " ".join(path.read_text().split())


@pytest.mark.parametrize("files", PLACES.values(), ids=PLACES)
def test_the_state_of_the_user_is_never_opened(tmp_path: Path, files: dict[str, str]) -> None:
    state = tmp_path / "production.tfstate"
    state.write_text(PRODUCTION)
    source = write_configuration(tmp_path / "source", files, state)
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}

    # A parent folder may have the name of one of Terraform's folders.
    copy = make_working_copy(tmp_path / ".terraform", source=source)
    terraform = Terraform(copy, environment=isolate_environment(tmp_path / "home"))
    terraform.init()
    terraform.apply()

    assert terraform.read_state_resources() == {
        "terraform_data.this": {"input": "local", "output": "local", "triggers_replace": None}
        | {"id": terraform.read_state_resources()["terraform_data.this"]["id"]}
    }
    assert (copy / "terraform.tfstate").is_file()
    assert state.read_text() == PRODUCTION
    assert {path: path.read_bytes() for path in source.rglob("*") if path.is_file()} == before
    check_validity(source)


def test_nothing_of_the_users_environment_stays(tmp_path: Path) -> None:
    """Each of these variables alone would make Terraform fail or use other settings."""
    hostile = {
        "AWS_CONFIG_FILE": "x",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
        "AWS_PROFILE": "production",
        "CLOUDFLARE_API_TOKEN": "x",
        "HOME": str(tmp_path / "user"),
        "NO_PROXY": "127.0.0.1",
        "TF_CLI_ARGS": "-nonsense",
        "TF_CLI_ARGS_apply": "-nonsense",
        "TF_CLI_CONFIG_FILE": str(tmp_path / "nonsense.tfrc"),
        "TF_DATA_DIR": str(tmp_path / "data"),
        "TF_ENCRYPTION": "nonsense",
        "TF_LOG": "nonsense",
        "TF_PLUGIN_CACHE_DIR": "/nowhere",
        "TF_VAR_input": "production",
        "TF_WORKSPACE": "production",
        "TF_TOKEN_app_terraform_io": "x",
    }
    needed = {"PATH": "/bin", "LANG": "C.UTF-8", "HTTPS_PROXY": "http://proxy", "SSL_CERT_FILE": "/x.pem"}
    (tmp_path / "user" / ".aws").mkdir(parents=True)
    (tmp_path / "user" / ".terraformrc").write_text("nonsense {")
    home = tmp_path / "home"

    environment = isolate_environment(home, hostile | needed, providers=tmp_path / "providers")

    mirror = environment.pop("TF_PLUGIN_DIR", None)
    assert environment == needed | {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(home)}
    assert [path.name for path in home.iterdir()] == [".terraformrc"]
    assert (tmp_path / "providers").is_dir() is (mirror is None)


def test_a_mirror_in_the_users_home_is_found_from_the_isolated_home(tmp_path: Path) -> None:
    mirror = tmp_path / "user" / ".terraform.d" / "plugins"
    (mirror / "registry.terraform.io" / "hashicorp" / "aws").mkdir(parents=True)
    first = isolate_environment(tmp_path / "home", {"HOME": str(tmp_path / "user")})
    assert first["TF_PLUGIN_DIR"] == str(mirror)
    assert isolate_environment(tmp_path / "home", first) == first


def test_only_region_and_tags_of_a_provider_block_are_kept(tmp_path: Path) -> None:
    source = write_configuration(
        tmp_path / "source",
        {
            "providers.tf": 'provider "aws" {\n  region  = var.region\n  profile = "production"\n\n'
            '  assume_role {\n    role_arn = "arn:aws:iam::123456789012:role/a"\n  }\n\n'
            '  default_tags {\n    tags = { team = "web" }\n  }\n}\n',
            "more.tf": 'provider "aws" {\n  alias = "eu"\n  access_key = "A"\n  endpoints { s3 = "x" }\n}\n',
            "json.tf.json": json.dumps(
                {"provider": {"aws": [{"alias": "asia", "profile": "production", "region": "ap-east-1"}]}}
            ),
            "modules/a/main.tf": 'provider "aws" {\n  profile = "production"\n}\n',
        },
        tmp_path,
    )
    copy = make_working_copy(tmp_path / "work", source=source)
    assert collapse(copy / "providers.tf") == (
        'provider "aws" { region = var.region default_tags { tags = { team = "web" } } }'
    )
    assert collapse(copy / "more.tf") == 'provider "aws" { alias = "eu" }'
    assert json.loads((copy / "json.tf.json").read_text()) == {
        "provider": {"aws": [{"alias": "asia", "region": "ap-east-1"}]}
    }
    assert collapse(copy / "modules" / "a" / "main.tf") == 'provider "aws" { }'
    assert find_provider_aliases(copy) == {"asia", "eu"}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("x.tf", "terraform {\n  backend\n", "line 2 is not HCL"),
        ("x.tf.json", "{", "Expecting property name"),
    ],
)
def test_an_invalid_file_is_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    source = write_configuration(tmp_path / "terraform", {name: text}, tmp_path)
    with pytest.raises(ToolError, match=rf"^terraform/{name} is not valid: {message}.*Correct the file"):
        make_working_copy(tmp_path / "work", source=source)


def test_another_provider_is_not_installed(tmp_path: Path) -> None:
    """A DNS provider, for instance, would change real records with a token of the user's."""
    source = write_configuration(
        tmp_path / "source", {"dns.tf": 'resource "random_id" "this" {\n  byte_length = 1\n}\n'}, tmp_path
    )
    copy = make_working_copy(tmp_path / "work", source=source)
    environment = isolate_environment(tmp_path / "home") | {"HTTPS_PROXY": "http://127.0.0.1:9"}
    with pytest.raises(ToolError, match=r"hashicorp/random"):
        Terraform(copy, environment=environment).init()


def test_a_downloaded_provider_is_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror stands in for the registry."""
    mirror = find_plugin_dir()
    if mirror is None:
        pytest.skip("no local mirror to stand in for the registry")
    for module in ("runner", "isolation"):
        monkeypatch.setattr(f"tools.terraform.{module}.find_plugin_dir", lambda _: None)
    providers = tmp_path / "providers"
    environment = isolate_environment(tmp_path / "home", providers=providers)
    settings = tmp_path / "home" / ".terraformrc"
    text = settings.read_text()
    assert "direct {" in text
    settings.write_text(text.replace("direct {", f'filesystem_mirror {{\n    path = "{mirror}"'))
    copy = make_working_copy(tmp_path)
    Terraform(copy, environment=environment).init()
    assert (providers / "registry.terraform.io" / "hashicorp" / "aws").is_dir()
