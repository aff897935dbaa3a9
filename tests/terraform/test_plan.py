"""Plans of the root with the real provider, and what they would create."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.terraform.conftest import BUCKET, REGION
from tools.terraform import Terraform

# One moto, one copy of the root: on one worker, with the other plans.
pytestmark = pytest.mark.xdist_group("terraform-plan")

ACCOUNT = "123456789012"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"

FUNCTION = "module.edge_images.module.edge_resize_function[0]"
DISTRIBUTION = "module.edge_images.module.edge_resize_distribution[0].aws_cloudfront_distribution.this"


@pytest.fixture(scope="module")
def resources(root: Path, environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Planned resources of a deployment over an existing bucket, whose attributes are all known."""
    return Terraform(
        root,
        environment=environment,
        variables={
            "additional_behaviors": [
                {
                    "cache_policy_id": CACHING_DISABLED,
                    "domain_name": "www.example.com",
                    "path_pattern": "/app/*",
                },
            ],
            "bucket": {"create": False, "name": BUCKET},
            "distribution": {"browser_max_age_seconds": 600},
            "edge_resize": {"originals": "cleaned", "resized_path": "cache/resized"},
            "name": "holiday",
            "quality": 70,
            "region": REGION,
            "sizes": {"S": [854, 480], "SQUARE": [300, 300]},
            "tags": {"team": "web"},
        },
    ).plan_resources()


def test_existing_bucket_is_left_alone(resources: dict[str, dict[str, Any]]) -> None:
    assert [address for address in resources if "aws_s3" in address] == []


def test_settings_are_headers_of_the_origin(resources: dict[str, dict[str, Any]]) -> None:
    [origin] = [each for each in resources[DISTRIBUTION]["origin"] if each["origin_id"] == "origin"]
    headers = {header["name"]: header["value"] for header in origin["custom_header"]}
    assert origin["domain_name"] == f"{BUCKET}.s3.{REGION}.amazonaws.com"
    assert json.loads(headers.pop("x-env-sizes")) == {"S": [854, 480], "SQUARE": [300, 300]}
    assert headers == {
        "x-env-bucket-name": BUCKET,
        "x-env-bucket-region": REGION,
        "x-env-cache-control": "public, max-age=600, s-maxage=86400",
        "x-env-originals": "cleaned",
        "x-env-quality": "70",
        "x-env-resized-path": "cache/resized",
    }


def test_a_site_has_paths_of_the_distribution(resources: dict[str, dict[str, Any]]) -> None:
    page, behavior = resources[DISTRIBUTION]["ordered_cache_behavior"]
    [origin] = [
        each
        for each in resources[DISTRIBUTION]["origin"]
        if each["origin_id"] == behavior["target_origin_id"]
    ]
    assert (page["path_pattern"], page["target_origin_id"]) == ("/.edge-images/404.txt", "origin")
    assert (behavior["path_pattern"], origin["domain_name"]) == ("/app/*", "www.example.com")


def test_the_canonical_parameters_are_part_of_the_cache_key(resources: dict[str, dict[str, Any]]) -> None:
    [policy] = [each for address, each in resources.items() if ".aws_cloudfront_cache_policy." in address]
    [in_key] = policy["parameters_in_cache_key_and_forwarded_to_origin"]
    [config] = in_key["query_strings_config"]
    [names] = config["query_strings"]
    assert config["query_string_behavior"] == "whitelist"
    assert sorted(names["items"]) == ["fit", "format", "gravity", "height", "quality", "size", "width"]


def test_function_has_least_privilege(resources: dict[str, dict[str, Any]]) -> None:
    name = resources[f"{FUNCTION}.aws_lambda_function.this"]["function_name"]
    groups = [
        f"arn:aws:logs:*:{ACCOUNT}:log-group:/aws/lambda/{prefix}{name}" for prefix in ("", "us-east-1.")
    ]
    streams = [f"{group}:*" for group in groups]
    policy = json.loads(resources[f"{FUNCTION}.aws_iam_role_policy.this"]["policy"])
    allowed = {
        action: statement["Resource"] for statement in policy["Statement"] for action in statement["Action"]
    }
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Allow"}
    assert allowed == {
        "logs:CreateLogGroup": groups + streams,
        "logs:CreateLogStream": streams,
        "logs:PutLogEvents": streams,
        "s3:GetObject": [f"arn:aws:s3:::{BUCKET}/*"],
        "s3:ListBucket": [f"arn:aws:s3:::{BUCKET}"],
        "s3:PutObject": [f"arn:aws:s3:::{BUCKET}/cache/resized/*"],
    }


def test_function_is_the_zip_of_the_build(resources: dict[str, dict[str, Any]], root: Path) -> None:
    function = resources[f"{FUNCTION}.aws_lambda_function.this"]
    assert (root / function["filename"]).resolve() == (root / ".." / "dist" / "edge_resize.zip").resolve()
    assert function["handler"] == "edge_resize.handler.lambda_handler"


def test_every_resource_is_tagged(resources: dict[str, dict[str, Any]]) -> None:
    tags = {address: values["tags_all"] for address, values in resources.items() if "tags_all" in values}
    assert set(map(str, tags.values())) == {"{'team': 'web'}"}
    assert len(tags) >= 5


@pytest.fixture(scope="module")
def purging_resources(root: Path, environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    return Terraform(
        root,
        environment=environment,
        variables={
            "bucket": {"create": False, "name": BUCKET},
            "edge_resize": {"purge_on_change": True},
            "log_class": "INFREQUENT_ACCESS",
            "object_lambda": {"purge_on_change": True},
            "region": REGION,
            "variants": ["edge_resize", "object_lambda"],
        },
    ).plan_resources()


def test_functions_check_originals_with_purge_on_change(
    purging_resources: dict[str, dict[str, Any]],
) -> None:
    [origin] = purging_resources[DISTRIBUTION]["origin"]
    headers = {header["name"]: header["value"] for header in origin["custom_header"]}
    assert headers["x-env-purge-on-change"] == "true"
    [function] = [
        each
        for address, each in purging_resources.items()
        if "object_lambda_function" in address and address.endswith("aws_lambda_function.this")
    ]
    [variables] = function["environment"]
    assert variables["variables"]["PURGE_ON_CHANGE"] == "true"


def test_the_log_of_purge_has_metric_filters(purging_resources: dict[str, dict[str, Any]]) -> None:
    resources = purging_resources
    classes = {
        each["name"]: each["log_group_class"] for each in resources.values() if "log_group_class" in each
    }
    assert classes.pop("/aws/lambda/edge-images-purge") == "STANDARD"
    assert set(classes.values()) == {"INFREQUENT_ACCESS"}


def test_created_buckets_expire_derivatives(root: Path, environment: dict[str, str]) -> None:
    resources = Terraform(
        root,
        environment=environment,
        variables={
            "distribution": {"domain_variant": "edge_resize", "max_ttl_seconds": 86_401},
            "edge_resize": {"derivative_expiration_days": 30, "resized_path": "cache/resized"},
            "region": REGION,
            "regional_resize": {"derivative_expiration_days": 10},
            "variants": ["edge_resize", "regional_resize"],
        },
    ).plan_resources()
    bucket = resources["module.edge_images.module.bucket[0].aws_s3_bucket.this"]
    assert bucket["bucket"] == f"edge-images-{ACCOUNT}-{REGION}"
    expire, _ = resources[
        "module.edge_images.module.bucket[0].aws_s3_bucket_lifecycle_configuration.this[0]"
    ]["rule"]
    assert (expire["filter"][0]["prefix"], expire["expiration"][0]["days"]) == ("cache/resized/", 30)
    # Traces expire after twice the days of derivatives, the TTL and a week.
    expire, expire_traces, _ = resources[
        "module.edge_images.module.derivatives_bucket[0].aws_s3_bucket_lifecycle_configuration.this[0]"
    ]["rule"]
    assert (expire["filter"][0]["object_size_greater_than"], expire["expiration"][0]["days"]) == (0, 10)
    traces = expire_traces["filter"][0]["object_size_less_than"], expire_traces["expiration"][0]["days"]
    assert traces == (1, 29)
    [origin] = resources[DISTRIBUTION]["origin"]
    assert {header["name"] for header in origin["custom_header"]} == {
        "x-env-bucket-name",
        "x-env-bucket-region",
        "x-env-cache-control",
        "x-env-originals",
        "x-env-quality",
        "x-env-resized-path",
    }


# Maximum lengths that AWS allows for the names of resources, by type.
MAX_NAMES: Final = {
    "aws_cloudfront_cache_policy": 128,
    "aws_cloudfront_function": 64,
    "aws_cloudfront_key_value_store": 64,
    "aws_cloudfront_origin_access_control": 64,
    "aws_cloudfront_origin_request_policy": 128,
    "aws_cloudfront_response_headers_policy": 128,
    "aws_cloudwatch_event_rule": 64,
    "aws_cloudwatch_log_group": 512,
    "aws_cloudwatch_log_metric_filter": 512,
    "aws_cloudwatch_metric_alarm": 255,
    "aws_iam_role": 64,
    "aws_lambda_function": 64,
    "aws_s3_access_point": 50,
    "aws_s3_bucket": 63,
    "aws_s3control_object_lambda_access_point": 45,
    "aws_sqs_queue": 80,
    "aws_wafv2_web_acl": 128,
}
NAME_ATTRIBUTES: Final = {
    "aws_cloudwatch_metric_alarm": "alarm_name",
    "aws_lambda_function": "function_name",
    "aws_s3_bucket": "bucket",
}


@pytest.mark.parametrize(
    ("length", "variables", "types"),
    [
        (
            32,
            # An existing bucket, on whose name those of the access points depend, is known before the apply.
            {
                "bucket": {"create": False, "name": BUCKET},
                "image_urls": {"signed_urls": "all"},
                "object_lambda": {"origin": "edge_signer"},
                "s3_trigger": {
                    "delivery": "cloudfront",
                    "destination_bucket_name": "derivatives",
                    "replace_notifications": True,
                },
                "signing_keys": {"2026-11": "0" * 44},
                "variants": ["edge_resize", "object_lambda", "s3_trigger"],
                "web_acl": {"max_requests": 2000},
            },
            {
                "aws_cloudfront_key_value_store",
                "aws_s3control_object_lambda_access_point",
                "aws_wafv2_web_acl",
            },
        ),
        # Names of buckets contain the Region.
        (
            25,
            {"bucket": {"create": False, "name": BUCKET}, "variants": ["regional_resize"]},
            {"aws_cloudwatch_event_rule"},
        ),
    ],
    ids=["without buckets of the name", "with buckets of the name"],
)
def test_the_longest_name_fits_into_every_name(
    root: Path, environment: dict[str, str], length: int, variables: dict[str, object], types: set[str]
) -> None:
    name = "n" * length
    resources = Terraform(
        root, environment=environment, variables={"name": name, "region": REGION, **variables}
    ).plan_resources()
    longest: dict[str, int] = {}
    for address, values in resources.items():
        found = re.search(r"[.](aws_\w+)[.]\w+(\[[^]]*\])?$", address)
        kind = found[1] if found else ""
        value = str(values.get(NAME_ATTRIBUTES.get(kind, "name")))
        if name in value:
            longest[kind] = max(longest.get(kind, 0), len(value))
    assert types | {"aws_iam_role", "aws_lambda_function", "aws_s3_bucket", "aws_sqs_queue"} <= set(longest)
    assert {kind: size for kind, size in longest.items() if size > MAX_NAMES[kind]} == {}
