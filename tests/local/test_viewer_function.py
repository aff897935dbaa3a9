"""A CloudFront Function and its key value store: applied, changed, applied again and destroyed."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running_provider import run_provider
from tools.local import StackOptions
from tools.local.deployment import prepare_terraform
from tools.local.edge.factory import open_edge_location
from tools.local.edge.messages import ViewerRequest
from tools.local.emulator.process import Emulator
from tools.terraform import Terraform

pytestmark = pytest.mark.xdist_group("viewer_function")

MAIN = """
module "signing_keys" {
  source = "./modules/signing_keys"

  name = "keys"
  keys = var.signing_keys
}

module "distribution" {
  source = "./modules/distribution"

  name                = "images"
  comment             = "Images"
  key_value_store_arn = module.signing_keys.arn
  settings            = var.distribution
  viewer_request_code = file("${path.module}/code.js")

  origin = {
    domain_name = "images.s3.us-east-1.amazonaws.com"
  }
}

output "id" {
  value = module.distribution.id
}
"""
CODE = """import cf from 'cloudfront';
async function handler(event) {
    return { statusCode: 200, body: 'VERSION ' + (await cf.kvs().get('id')) };
}
"""
KEPT = ("module_variables.tf", "providers.tf", "variables.tf", "versions.tf")


@pytest.fixture
def options(tmp_path: Path) -> StackOptions:
    return StackOptions(folder=tmp_path)


@pytest.fixture
def emulator(options: StackOptions) -> Iterator[Emulator]:
    with Emulator(options.state) as running:
        yield running


@pytest.fixture
def terraform(options: StackOptions, emulator: Emulator) -> Iterator[Terraform]:
    """Terraform for a root with the two modules only, with the provider of the local stack."""
    terraform = prepare_terraform(options, emulator.url)
    for file in terraform.folder.glob("*.tf"):
        if file.name not in KEPT:
            file.unlink()
    (terraform.folder / "main.tf").write_text(MAIN)
    terraform.init(checksums=False)
    with run_provider(terraform.folder, terraform.environment or {}) as terraform.environment:
        yield terraform


def apply(terraform: Terraform, version: str, secret: str) -> dict[str, Any]:
    (terraform.folder / "code.js").write_text(CODE.replace("VERSION", version))
    variables = {"image_urls": {"signed_urls": "all"}, "signing_keys": {"id": secret}}
    (terraform.folder / "keys.auto.tfvars.json").write_text(json.dumps(variables))
    terraform.apply()
    return terraform.output()


def respond(emulator: Emulator, distribution_id: str) -> str:
    """Return the body of the function's response, through an edge that starts now."""

    async def request() -> str:
        async with open_edge_location(
            emulator.session(), emulator.url, distribution_id, emulator.invalidation_log
        ) as location:
            response = await location.respond(ViewerRequest(method="GET", uri="/cat.jpg"))
        assert response.headers["X-Cache"] == "FunctionGeneratedResponse from cloudfront", response
        return response.body.decode()

    return asyncio.run(request())


def test_a_changed_function_and_a_changed_key_are_live_after_an_apply(
    terraform: Terraform, emulator: Emulator
) -> None:
    first, second = "0" * 32, "1" * 32
    outputs = apply(terraform, "one", first)
    assert respond(emulator, outputs["id"]) == f"one {first}"

    apply(terraform, "two", second)
    assert respond(emulator, outputs["id"]) == f"two {second}"
    assert not terraform.plan()

    terraform.destroy()
    assert terraform.read_state_resources() == {}
