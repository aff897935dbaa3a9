from pathlib import Path

import pytest

from tools.terraform import Terraform


def test_layout() -> None:
    Terraform(Path(__file__).resolve().parents[2] / "terraform").fmt_check()


@pytest.mark.parametrize("example", ["examples/edge_resize"])
def test_example_is_valid(configuration: Path, example: str) -> None:
    terraform = Terraform(configuration / example)
    terraform.init()
    terraform.validate()


@pytest.mark.parametrize(
    ("module", "fewest_runs"),
    [(".", 5), ("modules/bucket", 4), ("modules/distribution", 6), ("modules/function", 6)],
)
def test_terraform_test(configuration: Path, module: str, fewest_runs: int) -> None:
    terraform = Terraform(configuration / module)
    terraform.init()
    assert terraform.test() >= fewest_runs
