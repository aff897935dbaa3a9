"""A deployment of all variants whose buckets and distributions are in moto."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.libs.s3_http.servers import moto_address
from tools.deployment import Deployment
from tools.erase.outputs import Distribution, Outputs

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["moto_address"]

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"


def make_outputs(name: str, distributions: tuple[Distribution, ...] = ()) -> Outputs:
    """Return the outputs of a deployment of all variants."""
    return Outputs(
        account_id=ACCOUNT_ID,
        region=REGION,
        variants=("edge_resize", "object_lambda", "regional_resize", "s3_trigger"),
        distributions=distributions,
        originals_bucket=f"{name}-originals",
        resized_path="resized",
        derivatives_bucket=f"{name}-derivatives",
        destination_bucket=f"{name}-destination",
        source_prefix="source-folder/",
        restore_prefix="restore-folder/",
    )


@dataclass(frozen=True, kw_only=True)
class Account:
    """The account of a deployment."""

    deployment: Deployment[Outputs]

    @property
    def s3(self) -> "S3Client":
        """Client of S3."""
        return self.deployment.s3

    @property
    def buckets(self) -> list[str]:
        """All buckets of the deployment."""
        return list(self.deployment.outputs.buckets)

    def put(self, key: str, bucket: str | None = None) -> None:
        """Store an object, by default in the bucket of the originals."""
        self.s3.put_object(Bucket=bucket or self.buckets[0], Key=key, Body=b"x")

    def list_keys(self) -> set[str]:
        """Return BUCKET/KEY of everything: versions, delete markers and unfinished uploads."""
        found = set()
        for bucket in self.buckets:
            for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
                for each in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                    found.add(f"{bucket.rpartition('-')[2]}/{each['Key']}")
            uploads = self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
            found |= {f"{bucket.rpartition('-')[2]}/{each['Key']} (upload)" for each in uploads}
        return found

    def list_invalidated(self) -> dict[str, list[str]]:
        """Return variant => paths of all invalidations, in any order."""
        cloudfront = self.deployment.cloudfront
        paths: dict[str, list[str]] = {}
        for distribution in self.deployment.outputs.distributions:
            listed = cloudfront.list_invalidations(DistributionId=distribution.distribution_id)
            for each in listed["InvalidationList"].get("Items", []):
                found = cloudfront.get_invalidation(
                    DistributionId=distribution.distribution_id, Id=each["Id"]
                )
                batch = found["Invalidation"]["InvalidationBatch"]
                paths.setdefault(distribution.variant, []).extend(batch["Paths"].get("Items", []))
        return paths


@pytest.fixture
def make_account(
    moto_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Account]]:
    """Make accounts with empty buckets, versioned or not."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "example")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    made: list[Account] = []

    def make(*, versioned: bool = True, lock: bool = False) -> Account:
        session = boto3.Session()
        url, name = "http://{}:{}".format(*moto_address), uuid.uuid4().hex
        deployment = Deployment(session=session, endpoint_url=url, outputs=make_outputs(name), edge_urls={})
        distributions = tuple(
            Distribution(
                variant=variant,
                distribution_id=_create_distribution(deployment),
                domain_name=f"{variant}.example",
            )
            for variant in deployment.outputs.variants
        )
        account = Account(
            deployment=Deployment(
                session=session,
                endpoint_url=url,
                outputs=make_outputs(name, distributions),
                edge_urls={},
            )
        )
        for bucket in account.buckets:
            account.s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=lock)
            if versioned and not lock:
                account.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        account.deployment.cloudfront.meta.events.register(
            "after-call.cloudfront.GetInvalidation", _spell_status
        )
        made.append(account)
        return account

    yield make
    for account in made:
        account.s3.close()
        account.deployment.cloudfront.close()


@pytest.fixture
def account(make_account: Callable[..., Account]) -> Account:
    """An account with versioned, empty buckets."""
    return make_account()


def _spell_status(parsed: Any, **_: object) -> None:
    """Spell the status of an invalidation as CloudFront does; moto has capitals only."""
    parsed["Invalidation"]["Status"] = parsed["Invalidation"]["Status"].capitalize()


def _create_distribution(deployment: Deployment[Outputs]) -> str:
    created = deployment.cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": uuid.uuid4().hex,
            "Comment": "",
            "Enabled": True,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "origin",
                        "DomainName": "bucket.s3.amazonaws.com",
                        "S3OriginConfig": {"OriginAccessIdentity": ""},
                    }
                ],
            },
            "DefaultCacheBehavior": {"TargetOriginId": "origin", "ViewerProtocolPolicy": "https-only"},
        }
    )
    return created["Distribution"]["Id"]
