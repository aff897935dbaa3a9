from pathlib import Path

import pytest

from tools.terraform import Terraform, check_format

# One provider, on one worker.
pytestmark = pytest.mark.xdist_group("terraform-test")


def test_layout() -> None:
    check_format()


@pytest.mark.parametrize("example", ["examples/edge_resize", "examples/object_lambda", "examples/s3_trigger"])
def test_example_is_valid(
    configuration: Path, environment: dict[str, str], attached: dict[str, str], example: str
) -> None:
    Terraform(configuration / example, environment=environment).init()
    Terraform(configuration / example, environment=attached).validate()


@pytest.mark.parametrize(
    ("module", "fewest_runs"),
    [
        (".", 36),
        ("modules/access_points", 5),
        ("modules/batch_role", 3),
        ("modules/bucket", 5),
        ("modules/distribution", 17),
        ("modules/function", 13),
        ("modules/signing_keys", 4),
        ("modules/trigger", 7),
    ],
)
def test_terraform_test(configuration: Path, attached: dict[str, str], module: str, fewest_runs: int) -> None:
    terraform = Terraform(configuration / module, environment=attached)
    terraform.init()
    assert terraform.test() >= fewest_runs
