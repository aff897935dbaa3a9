from pathlib import Path

import pytest

from tools.paths import TERRAFORM
from tools.terraform import Terraform, check_format
from tools.terraform.hcl import read_statements

# One provider, on one worker.
pytestmark = pytest.mark.xdist_group("terraform-test")


MODULE = TERRAFORM / "modules" / "edge_images"


def read_blocks(path: Path, kind: str) -> dict[str, dict[str, str]]:
    """Return the expressions in the blocks of a kind in a file: label => attribute => expression."""
    text = path.read_text("utf-8")
    return {
        "".join(block.labels): {each.name: each.value(text) for each in block.body or ()}
        for block in read_statements(text)
        if block.name == kind
    }


def test_layout() -> None:
    check_format()


def test_the_root_has_the_interface_of_the_module() -> None:
    """Each variable and output has one definition: a link for variables, equal descriptions for outputs."""
    assert (TERRAFORM / "module_variables.tf").readlink() == Path("modules/edge_images/variables.tf")
    passed = read_blocks(TERRAFORM / "main.tf", "module")["edge_images"]
    assert "in var.packages : name => value" in passed["packages"]
    assert passed | {"packages": "var.packages"} == {
        name: f"var.{name}" for name in read_blocks(MODULE / "variables.tf", "variable")
    } | {name: passed[name] for name in ("providers", "source")}
    assert read_blocks(TERRAFORM / "outputs.tf", "output") == {
        name: {"description": output["description"], "value": f"module.edge_images.{name}"}
        for name, output in read_blocks(MODULE / "outputs.tf", "output").items()
    }


@pytest.mark.parametrize(
    "example",
    ["examples/edge_resize", "examples/object_lambda", "examples/regional_resize", "examples/s3_trigger"],
)
def test_example_is_valid(
    configuration: Path, environment: dict[str, str], attached: dict[str, str], example: str
) -> None:
    Terraform(configuration / example, environment=environment).init()
    Terraform(configuration / example, environment=attached).validate()


@pytest.mark.parametrize(
    ("module", "fewest_runs"),
    [
        (".", 2),
        ("modules/access_points", 5),
        ("modules/batch_role", 4),
        ("modules/bucket", 5),
        ("modules/distribution", 19),
        ("modules/edge_images", 40),
        ("modules/function", 13),
        ("modules/monitoring", 9),
        ("modules/notification", 4),
        ("modules/purge", 5),
        ("modules/signing_keys", 4),
        ("modules/trigger", 4),
    ],
)
def test_terraform_test(configuration: Path, attached: dict[str, str], module: str, fewest_runs: int) -> None:
    terraform = Terraform(configuration / module, environment=attached)
    terraform.init()
    assert terraform.test() >= fewest_runs
