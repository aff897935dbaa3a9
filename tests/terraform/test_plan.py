"""Plans of the root with the real provider. A plan reads only S3 and STS, for which moto stands in."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tools.console import ToolError
from tools.terraform import Terraform, make_working_copy

# One moto, one copy of the root: on one worker.
pytestmark = pytest.mark.xdist_group("terraform-plan")

ACCOUNT = "123456789012"
BUCKET = "holiday-images"
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
REGION: Final = "eu-central-1"

STATE = Path(__file__).with_name("states") / "before_1.0.0.json"

FUNCTION = "module.edge_images.module.edge_resize_function[0]"
DISTRIBUTION = "module.edge_images.module.edge_resize_distribution[0].aws_cloudfront_distribution.this"

OVERRIDE = """
provider "aws" {{
  access_key                  = "test"
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {{
    s3  = "{url}"
    sts = "{url}"
  }}
}}

provider "aws" {{
  alias                       = "us_east_1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {{
    sts = "{url}"
  }}
}}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106  moto takes any
    s3 = session.client("s3", endpoint_url=url)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.close()
    yield url
    server.stop()


@pytest.fixture(scope="module")
def root(aws: str, dist: Path, environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    root = make_working_copy(folder, dist=dist, files={"test_override.tf": OVERRIDE.format(url=aws)})
    Terraform(root, environment=environment).init()
    return root


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


def plan_upgrade(root: Path, environment: dict[str, str], **variables: object) -> dict[str, tuple[str, ...]]:
    """Plan over the state of commit 884b981, applied with all variants, without empty and null attributes."""
    state = root / "terraform.tfstate"
    shutil.copyfile(STATE, state)
    try:
        return Terraform(
            root,
            environment=environment | {"TF_CLI_ARGS_plan": "-refresh=false"},
            variables={
                "object_lambda": {"origin": "edge_signer"},
                "s3_trigger": {"delivery": "cloudfront"},
                "variants": ["edge_resize", "object_lambda", "s3_trigger"],
                **variables,
            },
        ).plan_changes()
    finally:
        state.unlink()


def test_an_upgrade_from_before_1_0_0_replaces_nothing(root: Path, attached: dict[str, str]) -> None:
    changes = plan_upgrade(root, attached)
    before = sum(len(each["instances"]) for each in json.loads(STATE.read_text("utf-8"))["resources"])
    assert set(changes.values()) <= {("create",), ("move",), ("update",)}
    assert len(changes) - list(changes.values()).count(("create",)) == before > 50
    created = {address.split(".")[-2] for address, actions in changes.items() if actions == ("create",)}
    assert created == {"aws_cloudfront_function", "aws_s3_object", "terraform_data"}


def test_a_log_group_is_deleted_before_its_successor_is_created(root: Path, attached: dict[str, str]) -> None:
    """Both have one name. Another class needs another group."""
    changes = plan_upgrade(root, attached, log_class="INFREQUENT_ACCESS")
    groups = [actions for address, actions in changes.items() if ".aws_cloudwatch_log_group." in address]
    assert groups == [("delete", "create")] * 6


@pytest.mark.parametrize(
    ("variables", "sentences"),
    [
        (
            {
                "bucket": {"create": False, "name": BUCKET},
                "edge_resize": {
                    "derivative_expiration_days": 30,
                    "originals": "raw",
                    "resized_path": "resized/",
                },
                "image_urls": {"qualities": [0], "signed_urls": "some", "widths": [16384]},
                "name": "Edge Images",
                "object_lambda": {"exif": "gps", "origin": "alias"},
                "quality": 0,
                "region": "us-gov-west-1",
                "sizes": {"S&M": [16384, 480]}
                | {f"SIZE{number}": [number, number] for number in range(1, 200)},
                "variants": ["edge_resize", "edge"],
            },
            [
                "add a rule for the resized path there",
                "edge_resize.originals is as_is (the object) or cleaned",
                "no slash at either end",
                "image_urls.qualities has at most 9 whole numbers from 1 to 100",
                "image_urls.signed_urls is none, unlisted or all",
                "image_urls.widths has 1 to 32 whole numbers of pixels",
                "name is 3 to 32 lower-case letters",
                "object_lambda.exif is without_identity, all or off",
                "accounts without S3 Object Lambda take function_url",
                "quality is a whole number from 1 to 100",
                "Lambda@Edge does not exist in China or GovCloud",
                "The name of a size is 1 to 32 letters",
                "The sides in sizes are whole pixels from 1 to 16383",
                "1,783 characters of JSON",
                "variants names at least one of edge_resize, object_lambda, regional_resize and s3_trigger",
            ],
        ),
        (
            {
                "s3_trigger": {
                    "create_destination_bucket": False,
                    "delivery": "email",
                    "fit": "crop",
                    "restore_prefix": "restore-folder",
                    "size": {"width": 0, "height": 300},
                    "source_prefix": "/source-folder",
                },
                "signing_keys": {"2026-11": "0" * 32},
                "sizes": {},
                "variants": ["s3_trigger"],
            },
            [
                "s3_trigger.delivery is cloudfront or none",
                "needs the name of the existing bucket in s3_trigger.destination_bucket_name",
                "s3_trigger.fit is cover, contain,",
                "s3_trigger.restore_prefix is a folder",
                "s3_trigger.size has whole pixels",
                "s3_trigger.source_prefix is a folder",
                "set image_urls.signed_urls to unlisted or all",
                "sizes names at least one size",
            ],
        ),
        (
            {
                "distribution": {"browser_max_age_seconds": 0.5},
                "sizes": {
                    "one": [1],
                    "two": {"crop": True},
                    "three": {"width": 1, "fit": "crop"},
                    "four": {"quality": 101},
                    "five": {"width": 1, "height": 1, "gravity": "north"},
                },
            },
            [
                "distribution.browser_max_age_seconds is a whole number of seconds",
                "or an object with some of width, height, fit, gravity, format and quality",
                "In sizes, fit is inside, cover, contain or fill",
                "In sizes, fit other than inside needs both width and height",
                'In sizes, gravity needs fit = "cover"',
                "The quality of a size is a whole number from 1 to 100",
            ],
        ),
        (
            {
                "image_urls": {"signed_urls": "all"},
                "signing_keys": {"a b": "short"},
            },
            ["The ID of a key is 1 to 64 letters", "Create one with: openssl rand -base64 32"],
        ),
        ({"bucket": {"create": False}}, ["needs the name of the existing bucket in bucket.name"]),
        (
            {
                "distribution": {
                    "acm_certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/a",
                },
            },
            ["distribution.acm_certificate_arn is the certificate of distribution.aliases: set both"],
        ),
        (
            {
                "additional_behaviors": [
                    {
                        "allowed_methods": ["GET", "HEAD", "POST"],
                        "cache_policy_id": "Managed-CachingDisabled",
                        "domain_name": "https://www.example.com",
                        "function_arns": {
                            "origin-request": "arn:aws:cloudfront::123456789012:function/index"
                        },
                        "path_pattern": "*",
                        "viewer_protocol_policy": "http-only",
                    },
                    {
                        "cache_policy_id": CACHING_DISABLED,
                        "domain_name": "a.example",
                        "function_arns": {
                            "viewer-request": "arn:aws:cloudfront::123456789012:function/index",
                            "viewer-response": "arn:aws:lambda:us-east-1:123456789012:function:site:7",
                        },
                        "origin_access_control_id": "E2ABC",
                        "path_pattern": "/*",
                    },
                ],
                "distribution": {
                    "acm_certificate_arn": "arn:aws:acm:eu-central-1:123456789012:certificate/a",
                    "aliases": ["img.example.com"],
                    "default_ttl_seconds": -1,
                    "max_ttl_seconds": 0.5,
                    "price_class": "PriceClass_300",
                    "web_acl_id": "a1b2c3d4",
                },
                "edge_resize": {"derivative_expiration_days": 0},
                "log_retention_days": 31,
                "memory_size": 64,
                "s3_trigger": {
                    "max_event_age_seconds": 1,
                    "max_retries": -1,
                    "reserved_concurrency": 0,
                },
                "variants": ["edge_resize", "s3_trigger"],
            },
            [
                "attach the images to the distribution of your site instead",
                "the second one would never apply",
                "without https:// and path",
                "are ids, not names",
                "CloudFront allows three sets of methods",
                "viewer_protocol_policy is redirect-to-https, https-only or allow-all",
                "function_arns has the ARN of a CloudFront Function for viewer-request",
                "Use the same kind for viewer-request and viewer-response",
                "Remove origin_access_control_id for any other origin",
                "Request or import the certificate there",
                "default_ttl_seconds is a whole number of seconds, 0 or more",
                "not below default_ttl_seconds",
                "PriceClass_100, PriceClass_200 or PriceClass_All",
                "web_acl_id is the ARN of a WAFv2 web ACL",
                "null keeps the objects",
                "log_retention_days is 1, 3, 5",
                "a whole number of MB from 128 to 10240",
                "max_event_age_seconds is a whole number from 60 to 21600",
                "max_retries is 0, 1 or 2",
                "reserved_concurrency is a whole number of at least 1",
            ],
        ),
        (
            {
                "access_logs": {"expiration_days": 0, "format": "text"},
                "domain": {"names": ["*.example.com"], "zone_id": "example.com"},
                "packages": {
                    "s3": {"edge_resize": {"bucket": "releases", "key": "a.zip", "sha256": "47DEQ"}}
                },
                "web_acl": {"max_requests": 1, "window_seconds": 30},
            },
            [
                "null keeps the objects",
                "format is parquet, json or w3c",
                "names has at least one domain name in lower case",
                "aws route53 list-hosted-zones",
                "package.sha256 is 64 lower-case hexadecimal digits",
                "max_requests is a whole number from 10",
                "window_seconds is 60, 120, 300 or 600",
            ],
        ),
        # Terraform checks the notification of a bucket only after the function that it starts.
        (
            {"s3_trigger": {"suffixes": [".jpg", "g", "*"]}, "variants": ["s3_trigger"]},
            ["S3 refuses suffixes of which one ends with the other", "A suffix has letters, digits"],
        ),
        (
            {
                "name": f"a--{'b' * 29}",
                "region": "ap-southeast-2",
                "variants": ["regional_resize", "s3_trigger"],
            },
            [
                "the bucket of derivatives that is named after it in ap-southeast-2: shorten name to 23",
                "shorten name to 27 characters, or set s3_trigger.destination_bucket_name",
                "shorten name to 30 characters",
            ],
        ),
        (
            {
                "bucket": {"name": "My.Images"},
                "name": "a--b",
                "object_lambda": {"origin": "oac"},
                "regional_resize": {"origin_shield": "eu-north-1"},
                "variants": ["object_lambda", "regional_resize"],
            },
            [
                "Origin Shield exists in ap-northeast-1",
                "The name of a bucket is 3 to 63 lower-case letters, digits and hyphens",
                "name is 2 to 32 lower-case letters, digits and single hyphens",
            ],
        ),
    ],
    ids=[
        "the root",
        "s3_trigger",
        "sizes",
        "signing keys",
        "an existing bucket",
        "a certificate without a name",
        "the modules",
        "the modules of teams",
        "suffixes",
        "a long name",
        "names",
    ],
)
def test_every_wrong_value_is_refused_with_its_remedy(
    root: Path,
    environment: dict[str, str],
    attached: dict[str, str],
    variables: dict[str, object],
    sentences: list[str],
) -> None:
    # Without a Region of its own, both configurations of the provider are equal and can share a process.
    shared = environment if "region" in variables else attached
    with pytest.raises(ToolError) as caught:
        Terraform(root, variables=variables, environment=shared).plan()
    message = " ".join(str(caught.value).split())
    assert [sentence for sentence in sentences if sentence not in message] == []


def test_missing_zip_names_the_command(root: Path, attached: dict[str, str]) -> None:
    zips = root.parent / "dist"
    target = zips.readlink()
    zips.unlink()
    try:
        with pytest.raises(ToolError, match=r"edge_resize\.zip is missing\. Run: invoke build"):
            Terraform(root, environment=attached).plan()
    finally:
        zips.symlink_to(target)
