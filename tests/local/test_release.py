"""A release in an empty folder: two deployments with roles of their own, with everything that teams set.

Seen here: certificate, DNS records, keys, permissions boundaries, deliveries of logs and the web ACL are
created and connected; objects are encrypted with the key; both deployments serve, one by a zip from S3;
nothing is left.
Not seen, because the emulator has no such data plane: blocked countries and addresses, files of access logs,
and a key policy that forbids CloudFront to decrypt.
"""

import http.server
import json
import re
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.leftovers import count_resources
from tests.local.viewer import Viewer
from tools.local import StackOptions
from tools.local.deployment import isolate_from_aws
from tools.local.edge.factory import open_edge_location
from tools.local.edge.server import EdgeServer
from tools.local.emulator.process import Emulator
from tools.paths import PROJECT, SAMPLES
from tools.release import release
from tools.terraform import Terraform

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.xdist_group("release")

ACCOUNT = "000000000000"
DEPLOYER = f"arn:aws:iam::{ACCOUNT}:role/deployer"
# A user writes this, without the settings of the emulator. The one provider configuration creates what the
# account has already: a key and a boundary. The other two have a role. The hosted zone exists, because
# Terraform would wait half a minute for its creation, and as long for its deletion.
MAIN = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  SETTINGS
}

provider "aws" {
  alias = "deployer"
  SETTINGS

  assume_role {
    role_arn     = "DEPLOYER"
    session_name = "release"
  }

  default_tags {
    tags = { team = "web" }
  }
}

provider "aws" {
  alias = "deployer_us_east_1"
  SETTINGS

  assume_role {
    role_arn     = "DEPLOYER"
    session_name = "release"
  }
}

data "aws_caller_identity" "deployer" {
  provider = aws.deployer
}

resource "aws_kms_key" "this" {
  description = "Images"
}

resource "aws_iam_policy" "boundary" {
  name = "boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}

module "edge_images" {
  for_each = {
    staging = {
      access_logs     = null
      boundary        = null
      domain          = null
      geo_restriction = null
      kms_key_arn     = null
      log_class       = "STANDARD"
      packages        = {}
      shield          = null
      web_acl         = null
    }
    production = {
      access_logs     = { format = "json" }
      boundary        = aws_iam_policy.boundary.arn
      domain = {
        names   = ["img.example.com", "images.example.com"]
        zone_id = "ZONE_ID"
      }
      geo_restriction = { type = "block", countries = ["AQ"] }
      kms_key_arn     = aws_kms_key.this.arn
      log_class       = "INFREQUENT_ACCESS"
      packages        = { s3 = { edge_resize = PACKAGE } }
      shield          = "us-east-1"
      web_acl         = { max_requests = 2000 }
    }
  }
  source = "URL//modules/edge_images"

  providers = {
    aws           = aws.deployer
    aws.us_east_1 = aws.deployer_us_east_1
  }

  name                     = each.key
  access_logs              = each.value.access_logs
  domain                   = each.value.domain
  force_destroy            = true
  kms_key_arn              = each.value.kms_key_arn
  log_class                = each.value.log_class
  packages                 = each.value.packages
  permissions_boundary_arn = each.value.boundary
  retain_edge_functions    = false
  web_acl                  = each.value.web_acl

  distribution = {
    geo_restriction      = each.value.geo_restriction
    origin_shield_region = each.value.shield
    wait_for_deployment  = false
  }
}

output "caller" {
  value = data.aws_caller_identity.deployer.arn
}

output "deployments" {
  value = module.edge_images
}
"""
SETTINGS = """region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  max_retries                 = 2
"""
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}],
}
ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@contextmanager
def serve_archive(folder: Path) -> Iterator[str]:
    """Serve a folder, as a page of releases does."""
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def serve_images(emulator: Emulator, outputs: dict[str, Any]) -> Iterator[Viewer]:
    open_location = partial(
        open_edge_location,
        emulator.session(),
        emulator.url,
        outputs["distribution_ids"]["edge_resize"],
        emulator.invalidation_log,
    )
    listener = socket.create_server(("127.0.0.1", 0))
    with EdgeServer(listener, open_location):
        yield Viewer(url=f"http://127.0.0.1:{listener.getsockname()[1]}")


def test_two_deployments_from_a_release(tmp_path: Path) -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text("utf-8")
    [version, *_] = re.findall(r"^## \[([\d.]+)\]", changelog, re.MULTILINE)
    archive = release(version, out=tmp_path / "releases")
    options = StackOptions(folder=tmp_path / "stack")
    with serve_archive(archive.parent) as url, Emulator(options.state) as emulator:
        session = emulator.session()
        iam = session.client("iam", endpoint_url=emulator.url)
        iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.put_role_policy(RoleName="deployer", PolicyName="all", PolicyDocument=json.dumps(ALL))

        route53 = session.client("route53", endpoint_url=emulator.url)
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="release")["HostedZone"]["Id"]
        package = upload_package(session.client("s3", endpoint_url=emulator.url), archive)
        folder = tmp_path / "empty"
        folder.mkdir()
        main = (
            MAIN.replace("SETTINGS", SETTINGS)
            .replace("DEPLOYER", DEPLOYER)
            .replace("PACKAGE", json.dumps(package))
            .replace("URL", f"{url}/{archive.name}")
            .replace("ZONE_ID", zone.removeprefix("/hostedzone/"))
        )
        (folder / "main.tf").write_text(main)
        terraform = Terraform(folder, environment=isolate_from_aws(options.state.home, emulator.url))
        terraform.init(checksums=False)
        terraform.apply()
        outputs = terraform.output()
        assert outputs["caller"].endswith(":assumed-role/deployer/release")

        s3 = session.client("s3", endpoint_url=emulator.url)
        for name, deployment in outputs["deployments"].items():
            bucket = deployment["bucket_name"]
            s3.put_object(Bucket=bucket, Key="cat.jpg", Body=(SAMPLES / "cat.jpg").read_bytes())
            with serve_images(emulator, deployment) as viewer:
                assert viewer.get("cat.jpg", "size=SS").image().size == (360, 240), name
            [derivative] = s3.list_objects_v2(Bucket=bucket, Prefix="resized/")["Contents"]
            head = s3.head_object(Bucket=bucket, Key=derivative["Key"])
            assert head["ServerSideEncryption"] == {"staging": "AES256", "production": "aws:kms"}[name]
        assert outputs["deployments"]["production"]["example_url"].startswith("https://images.example.com/")

        check_what_teams_set(terraform, outputs["deployments"]["production"])
        assert not terraform.plan()
        terraform.destroy()
        assert terraform.read_state_resources() == {}
        records = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        assert {record["Type"] for record in records} == {"NS", "SOA"}
        zips = session.resource("s3", endpoint_url=emulator.url).Bucket(package["bucket"])
        zips.object_versions.delete()
        zips.delete()
        iam.delete_role_policy(RoleName="deployer", PolicyName="all")
        iam.delete_role(RoleName="deployer")
        assert count_resources(emulator) == {}


def upload_package(s3: "S3Client", archive: Path) -> dict[str, str]:
    """Upload the zip of edge_resize, and then another object with the same key; return the package."""
    bucket, key = "zips", "edge_resize.zip"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    with zipfile.ZipFile(archive) as files:
        body = files.read("dist/edge_resize.zip")
        manifest = json.loads(files.read("manifest.json"))
    version = s3.put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    s3.put_object(Bucket=bucket, Key=key, Body=b"not the release")
    return {
        "bucket": bucket,
        "key": key,
        "sha256": manifest["functions"]["edge_resize"]["sha256"],
        "version": version,
    }


def check_what_teams_set(terraform: Terraform, production: dict[str, Any]) -> None:
    resources = terraform.read_state_resources()

    def find(kind: str) -> list[dict[str, Any]]:
        prefix = 'module.edge_images["production"].'
        return [
            values
            for address, values in resources.items()
            if address.startswith(prefix) and f".{kind}." in address
        ]

    [distribution] = find("aws_cloudfront_distribution")
    [certificate] = find("aws_acm_certificate")
    [web_acl] = find("aws_wafv2_web_acl")
    assert distribution["aliases"] == ["images.example.com", "img.example.com"]
    assert distribution["viewer_certificate"][0]["acm_certificate_arn"] == certificate["arn"]
    assert distribution["web_acl_id"] == web_acl["arn"]
    [restriction] = distribution["restrictions"][0]["geo_restriction"]
    assert (restriction["restriction_type"], restriction["locations"]) == ("blacklist", ["AQ"])
    assert distribution["origin"][0]["origin_shield"][0]["origin_shield_region"] == "us-east-1"
    aliases = {(record["name"], record["type"]) for record in find("aws_route53_record") if record["alias"]}
    assert aliases == {(f"{name}.example.com", kind) for name in ("img", "images") for kind in ("A", "AAAA")}
    boundary = resources["aws_iam_policy.boundary"]["arn"]
    assert {role["permissions_boundary"] for role in find("aws_iam_role")} == {boundary}
    assert {group["log_group_class"] for group in find("aws_cloudwatch_log_group")} == {"INFREQUENT_ACCESS"}
    [source] = find("aws_cloudwatch_log_delivery_source")
    assert source["resource_arn"] == distribution["arn"]
    [delivery] = find("aws_cloudwatch_log_delivery")
    assert delivery["delivery_source_name"] == source["name"]
    [allow] = [
        statement
        for policy in find("aws_s3_bucket_policy")
        for statement in json.loads(policy["policy"])["Statement"]
        if statement["Sid"] == "AllowLogDelivery"
    ]
    assert allow["Condition"]["ArnLike"]["aws:SourceArn"] == [source["arn"]]
    key = json.loads(production["kms_key_policy"])["Statement"][0]
    assert key["Condition"]["StringEquals"]["AWS:SourceArn"] == [distribution["arn"]]
