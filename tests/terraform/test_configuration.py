import re
from pathlib import Path

import pytest

from tools.paths import TERRAFORM
from tools.terraform import Terraform, check_format, find_provider_aliases
from tools.terraform.command import run_terraform
from tools.terraform.hcl import read_statements

# One provider, on one worker.
pytestmark = pytest.mark.xdist_group("terraform-test")


MODULE = TERRAFORM / "modules" / "edge_images"


# What a plan reads from AWS.
MOCK = """
mock_provider "aws" {{
  {alias}

  mock_data "aws_caller_identity" {{
    defaults = {{ account_id = "123456789012" }}
  }}

  mock_data "aws_partition" {{
    defaults = {{ partition = "aws" }}
  }}

  mock_data "aws_region" {{
    defaults = {{ id = "{region}" }}
  }}

  mock_data "aws_s3_bucket" {{
    defaults = {{
      arn                         = "arn:aws:s3:::images"
      bucket_regional_domain_name = "images.s3.eu-central-1.amazonaws.com"
    }}
  }}
}}
"""

# `terraform test` keeps the states of all runs; to search them for garbage costs a seventh of its CPU time.
MEMORY = {"GOGC": "off", "GOMEMLIMIT": "1GiB"}

# Values of the variables that the examples leave to their user.
EXAMPLE_VALUES = """
variables {
  permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  role_arns = {
    production = "arn:aws:iam::210987654321:role/deploy"
    staging    = "arn:aws:iam::123456789012:role/deploy"
  }
  zone_id = "Z1D633PJN98FT9"
}
"""


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


def test_every_file_of_the_module_is_described() -> None:
    [section] = re.findall(
        r"^## Files$(.*?)^## ", (MODULE / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    files = {path.name for path in MODULE.glob("*.tf")} - {"versions.tf"}
    assert set(re.findall(r"`(\w+[.]tf)`", section)) == files


EXAMPLES = sorted(path.name for path in (TERRAFORM / "examples").iterdir())


def test_every_example_can_be_planned(configuration: Path, attached: dict[str, str]) -> None:
    """Plan with mocks of every provider configuration of each example, in one run of Terraform."""
    (configuration / "tests").mkdir(exist_ok=True)
    for file in (configuration / "tests").iterdir():
        file.unlink()
    for example in EXAMPLES:
        aliases = sorted(find_provider_aliases(configuration / "examples" / example))
        mocks = [
            MOCK.format(alias=f'alias = "{alias}"' if alias else "", region=region(alias))
            for alias in ("", *aliases)
        ]
        plan = (
            f'run "plan" {{\n  command = plan\n  module {{\n    source = "./examples/{example}"\n  }}\n}}\n'
        )
        (configuration / "tests" / f"{example}.tftest.hcl").write_text(
            "".join([EXAMPLE_VALUES, *mocks, plan])
        )
    terraform = Terraform(configuration, environment=attached)
    terraform.init()
    assert terraform.test() == len(EXAMPLES) > 8


MODULES = sorted({path.name for path in MODULE.parent.iterdir()} - {MODULE.name})

# The examples in the READMEs of these modules refer to each other, and to what belongs to their user.
README_EXAMPLES = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {}

provider "aws" {
  alias = "us_east_1"
}

variable "signing_keys" {
  default = {}
}

module "purge_function" {
  source      = "./modules/function"
  name        = "holiday-images-purge"
  description = "Removes derivatives of changed originals"
  edge        = false
  handler     = "purge.handler.lambda_handler"
  package     = { file = "../dist/purge.zip" }
}
"""


def test_the_examples_in_the_readmes_of_modules_can_be_planned(
    configuration: Path, attached: dict[str, str]
) -> None:
    """Plan with mocks of one configuration: the examples refer to each other's modules."""
    for file in (*configuration.glob("*.tf"), *configuration.glob("tests/*")):
        file.unlink()
    examples: dict[str, str] = {}
    for module in MODULES:
        text = (TERRAFORM / "modules" / module / "README.md").read_text("utf-8")
        for block in re.findall(r"^```hcl$.*?^```$", text, re.MULTILINE | re.DOTALL):
            found = re.findall(r'^(module "(\w+)" {$.*?^}$)', block, re.MULTILINE | re.DOTALL)
            examples = {name: example for example, name in found} | examples
        assert f'"./modules/{module}"' in "".join(examples.values())
    (configuration / "main.tf").write_text("\n".join([README_EXAMPLES, *examples.values()]))
    mocks = [
        MOCK.format(alias=alias, region=name)
        for alias, name in (("", "eu-central-1"), ('alias = "us_east_1"', "us-east-1"))
    ]
    plan = 'run "plan" {\n  command = plan\n}\n'
    (configuration / "tests" / "readmes.tftest.hcl").write_text("".join([*mocks, plan]))
    terraform = Terraform(configuration, environment=attached)
    terraform.init()
    assert terraform.test() == 1


def test_a_key_outlives_the_buckets_and_a_policy_precedes_the_logs(
    configuration: Path, attached: dict[str, str]
) -> None:
    """A destroy that fails at a bucket with images must not have deleted the key of the images.

    CloudWatch adds a statement of its own to the policy of a bucket that allows no delivery yet. That could
    overwrite the policy which Terraform writes at the same moment:
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
    """
    folder = configuration / "examples" / "kms_and_logs"
    Terraform(folder, environment=attached).init()
    graph = run_terraform(folder, ["graph"], {}, environment=attached, capture=True).stdout
    dependencies: dict[str, set[str]] = {}
    for dependent, dependency in re.findall(r'"(\S+)" -> "(\S+)"', graph):
        dependencies.setdefault(dependent, set()).add(dependency)
    key = "aws_kms_key.images"
    buckets = {
        resource.removesuffix("_server_side_encryption_configuration.this")
        for resource in dependencies
        if resource.endswith("aws_s3_bucket_server_side_encryption_configuration.this")
        and key in find_all_dependencies(dependencies, resource)
    }
    assert len(buckets) == 4  # originals, derivatives of two variants, jobs of backfills
    assert [
        bucket for bucket in buckets if key not in find_all_dependencies(dependencies, f"{bucket}.this")
    ] == []
    assert "module.edge_images.module.access_logs_bucket.aws_s3_bucket_policy.this" in find_all_dependencies(
        dependencies, "module.edge_images.module.access_logs.aws_cloudwatch_log_delivery.this"
    )


def find_all_dependencies(dependencies: dict[str, set[str]], resource: str) -> set[str]:
    """Return the dependencies of a resource, and those of these."""
    found: set[str] = set()
    pending = {resource}
    while pending:
        pending = set().union(*(dependencies.get(each, set()) for each in pending)) - found
        found |= pending
    return found


def region(alias: str) -> str:
    return "us-east-1" if alias.endswith("us_east_1") else "eu-central-1"


@pytest.mark.parametrize(
    ("module", "fewest_runs"),
    [
        (".", 2),
        ("modules/access_logs", 2),
        ("modules/access_points", 7),
        ("modules/batch_role", 4),
        ("modules/bucket", 10),
        ("modules/distribution", 30),
        ("modules/domain", 2),
        ("modules/edge_images", 38),
        ("modules/function", 17),
        ("modules/monitoring", 8),
        ("modules/notification", 4),
        ("modules/purge", 6),
        ("modules/signing_keys", 4),
        ("modules/trigger", 5),
        ("modules/web_acl", 2),
    ],
)
def test_terraform_test(configuration: Path, attached: dict[str, str], module: str, fewest_runs: int) -> None:
    terraform = Terraform(configuration / module, environment=attached | MEMORY)
    terraform.init()
    assert terraform.test() >= fewest_runs
