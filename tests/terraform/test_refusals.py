"""Values that a plan of the root refuses, each with the sentence that a user reads."""

import json
from pathlib import Path

import pytest

from tests.terraform.conftest import BUCKET
from tools.console import ToolError
from tools.terraform import Terraform
from tools.terraform.command import FLAG, run_terraform

# One moto, one copy of the root: on one worker, with the other plans.
pytestmark = pytest.mark.xdist_group("terraform-plan")

CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
ONE_DISTRIBUTION = "the names in domain or distribution.aliases lead to one distribution"
TOPIC = "arn:aws:sns:eu-central-1:123456789012:oncall"


CASES: list[tuple[dict[str, object], list[str]]] = [
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
            "sizes": {"S&M": [16384, 480]} | {f"SIZE{number}": [number, number] for number in range(1, 200)},
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
            "distribution": {
                "acm_certificate_arn": CERTIFICATE,
                "browser_max_age_seconds": 0.5,
                "domain_variant": "object_lambda",
            },
            "monitoring": {"alarm_actions": ["oncall"]},
            "sizes": {
                "one": [1],
                "three": {"width": 1, "height": 1, "fit": "crop"},
                "four": {"quality": 101},
                "five": {"width": 1, "height": 1, "gravity": "north"},
                "six": {"width": 1, "fit": "cover"},
            },
            "variants": ["s3_trigger"],
        },
        [
            "distribution.acm_certificate_arn is the certificate of distribution.aliases: set both",
            "distribution.browser_max_age_seconds is a whole number of seconds",
            "distribution.domain_variant is one of variants, and has a distribution",
            "Each of alarm_actions (in monitoring, purge and s3_trigger) is an ARN",
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
    # Terraform checks no variable whose rules refer to another one with a wrong value.
    (
        {
            "attached_distribution_arns": ["E1ABC"],
            "distribution": {"acm_certificate_arn": CERTIFICATE, "aliases": ["img.example.com"]},
            "image_urls": {"widths": []},
            "kms_key_arn": "arn:aws:kms:eu-central-1:123456789012:alias/images",
            "log_class": "INFREQUENT_ACCESS",
            "monitoring": {},
            "packages": {"s3": {"resize": {"bucket": "releases", "key": "a.zip", "sha256": "0" * 64}}},
            "permissions_boundary_arn": "boundary",
            "quality": 101,
            "sizes": [[854, 480]],
            "variants": ["edge_resize", "object_lambda"],
        },
        [
            "Each of attached_distribution_arns is the ARN of a distribution",
            ONE_DISTRIBUTION,
            "image_urls.widths has 1 to 32 whole numbers of pixels",
            "An alias could lead to another key later",
            "log groups of the class INFREQUENT_ACCESS have no metric filters",
            "packages.s3 names functions: edge_resize, edge_signer",
            "permissions_boundary_arn is the ARN of a policy",
            "quality is a whole number from 1 to 100",
            "sizes names at least one size",
        ],
    ),
    (
        {
            "distribution": {
                "acm_certificate_arn": CERTIFICATE,
                "aliases": ["img.example.com"],
                "web_acl_id": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/name/id",
            },
            "purge": {"alarm_actions": ["oncall@example.com"]},
            "sizes": {"hero": {"width": None, "quality": None}},
            "variants": ["s3_trigger"],
            "web_acl": {"max_requests": 2000},
        },
        [
            ONE_DISTRIBUTION,
            "Each of alarm_actions (in monitoring, purge and s3_trigger) is an ARN",
            "or an object with some of width, height, fit, gravity, format and quality",
            "A distribution has one web ACL",
        ],
    ),
    (
        {
            "distribution": {"acm_certificate_arn": CERTIFICATE, "aliases": ["images.example.com"]},
            "domain": {"names": ["img.example.com"], "zone_id": "Z1D633PJN98FT9"},
            "monitoring": {"alarm_actions": [f"{TOPIC}{number}" for number in range(5)]},
            "s3_trigger": {"alarm_actions": [TOPIC]},
            "sizes": {"hero": {"width": 12, "height": 6, "fit": "cover", "gravity": "top"}},
        },
        [
            "Remove distribution.aliases and distribution.acm_certificate_arn, or domain",
            "An alarm has at most five actions",
            'In sizes, gravity needs fit = "cover"',
        ],
    ),
    (
        {
            "domain": {"names": ["img.example.com"], "zone_id": "Z1D633PJN98FT9"},
            "purge": {"max_monthly_paths": 0.5},
            "sizes": {"wide": {"width": 16384}, "cropped": {"width": 1, "crop": True}},
            "variants": ["edge_resize", "object_lambda"],
        },
        [
            ONE_DISTRIBUTION,
            "purge.max_monthly_paths is a whole number of 0 or more",
            "or an object with some of width, height, fit, gravity, format and quality",
            "The sides in sizes are whole pixels from 1 to 16383",
        ],
    ),
    (
        {
            "bucket": {"create": False, "name": BUCKET},
            "s3_trigger": {"source_prefix": ""},
            "variants": ["edge_resize", "s3_trigger"],
        },
        [
            "s3_trigger would replace that of the existing bucket",
            "The derivatives of edge_resize, and no originals, are below edge_resize.resized_path",
        ],
    ),
    (
        {
            "bucket": {"name": "my-images"},
            "s3_trigger": {
                "create_destination_bucket": False,
                "destination_bucket_name": "my-images",
                "restore_on_manual_upload": True,
                "restore_prefix": "resized/",
                "source_prefix": "resized/uploads/",
            },
            "variants": ["edge_resize", "s3_trigger"],
        },
        [
            "s3_trigger would replace that of the existing bucket",
            "s3_trigger.destination_bucket_name is another bucket than bucket.name",
            "s3_trigger.source_prefix is not below s3_trigger.restore_prefix",
            "The derivatives of edge_resize, and no originals, are below edge_resize.resized_path",
        ],
    ),
    (
        {
            "additional_behaviors": [
                {
                    "allowed_methods": ["GET", "HEAD", "POST"],
                    "cache_policy_id": "Managed-CachingDisabled",
                    "domain_name": "https://www.example.com",
                    "function_arns": {"origin-request": "arn:aws:cloudfront::123456789012:function/index"},
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
                "aliases": ["https://img.example.com"],
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
            "like img.example.com, without https:// and without a path",
            "default_ttl_seconds is a whole number of seconds, 0 or more",
            "not below default_ttl_seconds",
            "PriceClass_100, PriceClass_200 or PriceClass_All",
            "web_acl_id is the ARN of a WAFv2 web ACL",
            "derivative_expiration_days",
            "With derivative_expiration_days = null nothing is deleted",
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
            "packages": {"s3": {"edge_resize": {"bucket": "releases", "key": "a.zip", "sha256": "47DEQ"}}},
            "web_acl": {"max_requests": 1, "window_seconds": 30},
        },
        [
            "With derivative_expiration_days = null nothing is deleted",
            "format is parquet, json or w3c",
            "like img.example.com, and none with a wildcard",
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
            "access_logs": {},
            "name": f"a--{'b' * 29}",
            "region": "ap-southeast-2",
            "variants": ["regional_resize", "s3_trigger"],
        },
        [
            "the bucket of derivatives that is named after it in ap-southeast-2: shorten name to 23",
            "shorten name to 27 characters, or set s3_trigger.destination_bucket_name",
            "the bucket of backfills that is named after it in ap-southeast-2: shorten name to 30",
            "shorten name to 30 characters, or set access_logs.bucket_name",
            "add the variant in a second deployment with a shorter name",
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
]
NAMES = [
    "the root",
    "s3_trigger",
    "sizes",
    "signing keys",
    "an existing bucket",
    "names for two distributions",
    "names for no distribution",
    "two domains",
    "a domain for two distributions",
    "notifications of an existing bucket",
    "notifications of an existing destination",
    "the modules",
    "the modules of teams",
    "suffixes",
    "a long name",
    "names",
]


REFUSED = dict(zip(NAMES, CASES, strict=True))


@pytest.fixture(scope="module")
def messages(root: Path, attached: dict[str, str]) -> dict[str, str]:
    """The errors by case, for all cases without a Region: one command loads the schemas of AWS once.

    Without a Region, both configurations of the provider are equal and can share a process.
    """
    folder = root / "refusals"
    folder.mkdir()
    for name, (variables, _) in REFUSED.items():
        if "region" not in variables:
            plan = {"run": {"plan": {"command": "plan", "variables": variables}}}
            (folder / f"{name}.tftest.json").write_text(json.dumps(plan))
    options = {"json": FLAG, "test_directory": folder.name}
    result = run_terraform(root, ["test"], options, environment=attached, capture=True)
    found = dict.fromkeys(NAMES, "")
    for line in map(json.loads, result.stdout.splitlines()):
        if line["type"] == "diagnostic" and "@testfile" in line:
            name = Path(line["@testfile"]).name.partition(".")[0]
            assert line["diagnostic"]["severity"] == "error"
            found[name] += f"{line['diagnostic']['summary']}: {line['diagnostic']['detail']}\n"
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_wrong_value_is_refused_with_its_remedy(
    root: Path, environment: dict[str, str], messages: dict[str, str], name: str
) -> None:
    variables, sentences = REFUSED[name]
    message = messages[name]
    if "region" in variables:
        with pytest.raises(ToolError) as caught:
            Terraform(root, variables=variables, environment=environment).plan()
        message = str(caught.value)
    message = " ".join(message.split())
    assert [sentence for sentence in sentences if sentence not in message] == []
    assert "Invalid index" not in message


def test_missing_zip_names_the_command(root: Path, attached: dict[str, str]) -> None:
    zips = root.parent / "dist"
    target = zips.readlink()
    zips.unlink()
    try:
        with pytest.raises(ToolError) as caught:
            Terraform(root, environment=attached).plan()
        message = " ".join(str(caught.value).split())
        assert f"{zips}/edge_resize.zip is missing. Correct packages.zip_directory" in message
        assert "or run ./invokew build in the repository" in message
    finally:
        zips.symlink_to(target)
