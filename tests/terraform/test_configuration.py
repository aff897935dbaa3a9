from pathlib import Path

import pytest

from tools.terraform import Terraform, check_format


def test_layout() -> None:
    check_format()


@pytest.mark.parametrize("example", ["examples/edge_resize", "examples/object_lambda", "examples/s3_trigger"])
def test_example_is_valid(configuration: Path, environment: dict[str, str], example: str) -> None:
    terraform = Terraform(configuration / example, environment=environment)
    terraform.init()
    terraform.validate()


@pytest.mark.parametrize(
    ("module", "fewest_runs"),
    [
        (".", 31),
        ("modules/access_points", 5),
        ("modules/batch_role", 3),
        ("modules/bucket", 5),
        ("modules/distribution", 17),
        ("modules/function", 13),
        ("modules/signing_keys", 4),
        ("modules/trigger", 7),
    ],
)
def test_terraform_test(
    configuration: Path, environment: dict[str, str], module: str, fewest_runs: int
) -> None:
    terraform = Terraform(configuration / module, environment=environment)
    terraform.init()
    assert terraform.test() >= fewest_runs
