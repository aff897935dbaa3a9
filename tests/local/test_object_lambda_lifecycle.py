"""object_lambda with the origins `oac` and `function_url`: applied, planned again and destroyed."""

from pathlib import Path

import pytest

from tests.local.leftovers import count_resources
from tests.running_provider import run_provider
from tools.local import StackOptions
from tools.local.deployment import prepare_terraform
from tools.local.emulator.process import Emulator

pytestmark = pytest.mark.xdist_group("object_lambda_lifecycle")

# Two deployments in one state: each command starts the provider once for both.
# test_all_variants does the same with the origin edge_signer.
MAIN = """
module "edge_images" {
  for_each = toset(["function_url", "oac"])
  source   = "./modules/edge_images"

  providers = {
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }

  distribution  = var.distribution
  force_destroy = var.force_destroy
  name          = replace(each.key, "_", "-")
  object_lambda = { origin = each.key }
  packages      = { zip_directory = "${path.module}/../dist" }
  variants      = ["object_lambda"]
}

output "origins" {
  value = { for origin, images in module.edge_images : origin => images.behaviors["object_lambda"].origins }
}
"""


def test_the_second_plan_is_empty_and_destroy_leaves_nothing(tmp_path: Path) -> None:
    options = StackOptions(folder=tmp_path)
    with Emulator(options.state) as emulator:
        terraform = prepare_terraform(options, emulator.url)
        for name in ("moved.tf", "outputs.tf"):
            (terraform.folder / name).unlink()
        (terraform.folder / "main.tf").write_text(MAIN)
        terraform.init(checksums=False)
        with run_provider(terraform.folder, terraform.environment or {}) as terraform.environment:
            terraform.apply()
            types = {
                name: origins["primary"]["type"] for name, origins in terraform.output()["origins"].items()
            }
            assert types == {"function_url": "lambda", "oac": "s3"}
            assert count_resources(emulator)["distributions"] == 2
            assert not terraform.plan()
            terraform.destroy()
            assert count_resources(emulator) == {}
