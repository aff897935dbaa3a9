"""The requests to CloudFront and SQS, compared with those of botocore."""

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from purge.invalidation import ENDPOINT_URL

from tests.functions.purge.conftest import Derivatives, Purge
from tests.libs.s3_http.fault_proxy import FaultProxy


def test_the_endpoint_is_botocores() -> None:
    client = boto3.client(
        "cloudfront",
        region_name="eu-west-1",
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - nothing is sent
    )
    assert client.meta.endpoint_url == ENDPOINT_URL
    client.close()


@pytest.mark.usefixtures("environment")
def test_the_signatures_on_the_wire_are_botocores(
    derivatives: Derivatives, send: Purge, proxy: FaultProxy
) -> None:
    """Recompute each signature from the request that the server received, as AWS does; moto checks none."""
    derivatives.put("a.jpg/v4_clean")
    send("a.jpg")
    received = {
        "cloudfront" if "/distribution/" in each.path else "sqs": each
        for each in proxy.requests
        if "/distribution/" in each.path or b"QueueUrl" in each.body
    }
    assert set(received) == {"cloudfront", "sqs"}
    for service, region in (("cloudfront", "us-east-1"), ("sqs", "eu-west-1")):
        request = received[service]
        authorization = request.headers["authorization"]
        names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        theirs = AWSRequest(
            method=request.method,
            url=proxy.url + request.path,
            headers={name: request.headers[name] for name in names},
            data=request.body,
        )
        theirs.context["timestamp"] = request.headers["x-amz-date"]
        auth = SigV4Auth(Credentials("ASIAEXAMPLE", "example-key", "example-session"), service, region)
        signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
        assert authorization.endswith(f"Signature={signature}")
        assert {"content-type", "host", "x-amz-date", "x-amz-security-token"} <= set(names)
