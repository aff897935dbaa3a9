"""The function against moto's S3 and CloudFront, behind the fault proxy."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from purge.handler import lambda_handler
from s3_http import bucket_address, parse_address, shared_connections

from tests.functions.context import LambdaContext
from tests.functions.purge_queue import sqs
from tests.libs.derivatives.conftest import Put, put
from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.libs.s3_http.servers import REGION, bucket, create_bucket, moto_address, moto_client, proxy, s3

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

__all__ = ["Put", "bucket", "moto_address", "proxy", "put", "s3", "sqs"]

type Purge = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def cloudfront(moto_address: tuple[str, int]) -> "Iterator[CloudFrontClient]":
    client = moto_client("cloudfront", moto_address)
    yield client
    client.close()


@pytest.fixture
def distribution(cloudfront: "CloudFrontClient", bucket: str) -> str:
    """ID of a new distribution."""
    origin: Any = {
        "Id": "o",
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    behavior: Any = {"TargetOriginId": "o", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "c"}
    created = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": bucket,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": behavior,
            "Comment": "",
            "Enabled": True,
        }
    )
    return created["Distribution"]["Id"]


@pytest.fixture
def invalidated(cloudfront: "CloudFrontClient", distribution: str) -> Callable[[], list[list[str]]]:
    """Return the sorted paths of each invalidation."""

    def invalidated() -> list[list[str]]:
        listed = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get(
            "Items", []
        )
        found = [
            cloudfront.get_invalidation(DistributionId=distribution, Id=one["Id"])["Invalidation"]
            for one in listed
        ]
        return sorted(sorted(one["InvalidationBatch"]["Paths"]["Items"]) for one in found)

    return invalidated


@pytest.fixture
def derivatives_bucket(bucket: str) -> str:
    name = f"{bucket}-d"
    create_bucket(name)
    return name


@pytest.fixture
def queue_url(sqs: "SQSClient", bucket: str) -> str:
    """URL of the queue of the function."""
    return sqs.create_queue(QueueName=bucket)["QueueUrl"]


@pytest.fixture
def environment(  # noqa: PLR0913, PLR0917 - fixtures
    bucket: str,
    derivatives_bucket: str,
    distribution: str,
    queue_url: str,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[dict[str, str]]:
    """Environment variables of the function purge in a deployment of regional_resize."""
    values = {
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "example-key",
        "AWS_SESSION_TOKEN": "example-session",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": proxy.url,
        "BUCKET_NAME": bucket,
        "DERIVATIVES_BUCKET_NAME": derivatives_bucket,
        "DISTRIBUTIONS": json.dumps({"regional_resize": distribution}),
        "MAX_MONTHLY_PATHS": "1000",
        "PURGE_QUEUE_URL": queue_url,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("RESIZED_PATH", raising=False)
    yield values
    for name in (bucket, derivatives_bucket):
        shared_connections(bucket_address(name, region=REGION, endpoint_url=proxy.url), None).close()
    shared_connections(parse_address(proxy.url), None).close()


@pytest.fixture
def send(environment: dict[str, str]) -> Purge:
    """Invoke the function with messages about keys; keyword arguments change all of them."""

    def send(*keys: str, **more: Any) -> dict[str, Any]:
        records = [message(environment["BUCKET_NAME"], key, key, **more) for key in keys]
        return lambda_handler({"Records": records}, LambdaContext())

    return send


def message(  # noqa: PLR0913, PLR0917 - the parts of a message
    bucket: str,
    key: str,
    message_id: str,
    receive_count: int = 1,
    kind: str = "Object Created",
    source: str = "regional_resize",
) -> dict[str, Any]:
    """Return a record of an SQS event about an original; the source is that of a message of a function."""
    event = {
        "detail-type": kind,
        "source": "aws.s3" if kind.startswith("Object ") else source,
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "etag": "late or wrong"}},
    }
    return {
        "messageId": message_id,
        "body": json.dumps(event),
        "attributes": {"ApproximateReceiveCount": str(receive_count)},
        "eventSource": "aws:sqs",
    }


class Derivatives(NamedTuple):
    """The bucket of the derivatives."""

    s3: "S3Client"
    bucket: str

    def put(self, path: str, source_etag: str = "1") -> None:
        """Store a derivative of a source."""
        self.s3.put_object(Bucket=self.bucket, Key=path, Body=b"d", Metadata={"source-etag": source_etag})

    def keys(self) -> list[str]:
        """Return all keys, without the counter of the month."""
        return list_keys(self.s3, self.bucket)


@pytest.fixture
def derivatives(s3: "S3Client", derivatives_bucket: str) -> Derivatives:
    return Derivatives(s3, derivatives_bucket)


def list_keys(s3: "S3Client", bucket: str) -> list[str]:
    """Return the keys in a bucket, without the counter of the month."""
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    return [key for key in keys if ".edge-images/" not in key]
