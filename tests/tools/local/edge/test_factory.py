"""An edge location in front of the emulator: an origin group of a bucket and a signed function URL."""

import asyncio
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus, urlsplit

import pytest

from tools.local.edge.factory import open_edge_location
from tools.local.edge.messages import ViewerRequest
from tools.local.emulator.process import Emulator

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

pytestmark = pytest.mark.xdist_group("emulator")

BUCKET = "derivatives-of-a-group"
FUNCTION = "deriver-of-a-group"
CLOUDFRONT = "cloudfront.amazonaws.com"
HANDLER = """
def lambda_handler(event, context):
    headers = {"Content-Type": "text/plain", "X-Header": event["headers"].get("x-env-mine", "")}
    return {"statusCode": 200, "headers": headers, "body": event["rawPath"] + "?" + event["rawQueryString"]}
"""
# Path and query string of the viewer => path and query string at the function.
SENT = {
    "/plain.jpg": "/plain.jpg?",
    "/folder/a%20b.jpg?v=1": "/folder/a%20b.jpg?v=1",
    "/a+b.jpg": "/a+b.jpg?",
    "/a%2Bb.jpg": "/a%2Bb.jpg?",
    "/100%25.jpg": "/100%25.jpg?",
    "/a%2520b.jpg": "/a%2520b.jpg?",
    "/me@home.jpg": "/me%40home.jpg?",
    "/me%40home%20too.jpg": "/me%40home%20too.jpg?",
    "/%F0%9F%90%88/caf%C3%A9.jpg": "/%F0%9F%90%88/caf%C3%A9.jpg?",
    "/cat.jpg/width=640,format=webp": "/cat.jpg/width%3D640%2Cformat%3Dwebp?",
    "/!$&'()*,;:=~.jpg?v=a%20b&u=+": "/%21%24%26%27%28%29%2A%2C%3B%3A%3D~.jpg?u=%20&v=a%20b",
}


def create_function_url(emulator: Emulator) -> str:
    """Create a function with a URL that requires signatures, and return the domain name of the URL."""
    roles = emulator.session().client("iam", endpoint_url=emulator.url)
    roles.create_role(
        RoleName=FUNCTION, AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("deriver.py", HANDLER)
    functions = emulator.session().client("lambda", endpoint_url=emulator.url)
    functions.create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role=f"arn:aws:iam::000000000000:role/{FUNCTION}",
        Handler="deriver.lambda_handler",
        Code={"ZipFile": archive.getvalue()},
    )
    url = functions.create_function_url_config(FunctionName=FUNCTION, AuthType="AWS_IAM")["FunctionUrl"]
    return str(urlsplit(url).hostname)


def allow_reads(emulator: Emulator, distribution_arn: str) -> None:
    """Allow a distribution to read the bucket and to invoke the function through its URL."""
    condition = {"StringEquals": {"AWS:SourceArn": distribution_arn}}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": CLOUDFRONT},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{BUCKET}/*",
        "Condition": condition,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3 = emulator.session().client("s3", endpoint_url=emulator.url)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps(policy))
    functions = emulator.session().client("lambda", endpoint_url=emulator.url)
    grants: list[dict[str, Any]] = [
        {"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "AWS_IAM"},
        {"StatementId": "function", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
    ]
    for grant in grants:
        functions.add_permission(
            FunctionName=FUNCTION, Principal=CLOUDFRONT, SourceArn=distribution_arn, **grant
        )


def create_distribution(cloudfront: "CloudFrontClient", url_domain: str) -> tuple[str, str]:
    """Create a distribution with the origin group, and return its ID and ARN."""
    controls = {
        kind: cloudfront.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": f"group-{kind}",
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": kind,
            }
        )["OriginAccessControl"]["Id"]
        for kind in ("s3", "lambda")
    }
    policy = cloudfront.create_cache_policy(
        CachePolicyConfig={
            "Name": "group",
            "MinTTL": 0,
            "DefaultTTL": 60,
            "MaxTTL": 600,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "EnableAcceptEncodingGzip": False,
                "HeadersConfig": {"HeaderBehavior": "none"},
                "CookiesConfig": {"CookieBehavior": "none"},
                "QueryStringsConfig": {"QueryStringBehavior": "all"},
            },
        }
    )["CachePolicy"]["Id"]
    header = {"HeaderName": "X-Env-Mine", "HeaderValue": "of the URL"}
    origins = [
        {
            "Id": "bucket",
            "DomainName": f"{BUCKET}.s3.us-east-1.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": controls["s3"],
        },
        {
            "Id": "url",
            "DomainName": url_domain,
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
            "OriginAccessControlId": controls["lambda"],
            "CustomHeaders": {"Quantity": 1, "Items": [header]},
        },
    ]
    group = {
        "Id": "group",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 2, "Items": [403, 404]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "bucket"}, {"OriginId": "url"}]},
    }
    config: Any = {
        "CallerReference": "group",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": origins},
        "OriginGroups": {"Quantity": 1, "Items": [group]},
        "DefaultCacheBehavior": {
            "TargetOriginId": "group",
            "ViewerProtocolPolicy": "redirect-to-https",
            "AllowedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
            "CachePolicyId": policy,
        },
    }
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    return made["Id"], made["ARN"]


def test_a_signed_function_url_is_the_second_origin_of_a_bucket(emulator: Emulator) -> None:
    s3 = emulator.session().client("s3", endpoint_url=emulator.url)
    s3.create_bucket(Bucket=BUCKET)
    cloudfront = emulator.session().client("cloudfront", endpoint_url=emulator.url)
    distribution_id, arn = create_distribution(cloudfront, create_function_url(emulator))

    async def read() -> dict[str, tuple[int, str, str | None]]:
        async with open_edge_location(
            emulator.session(), emulator.url, distribution_id, emulator.invalidation_log
        ) as location:
            found = {}
            for target in SENT:
                uri, _, querystring = target.partition("?")
                request = ViewerRequest(method="GET", uri=uri, querystring=querystring)
                response = await location.respond(request)
                found[target] = (response.status, response.body.decode(), response.headers.get("X-Header"))
            return found

    assert {status for status, *_ in asyncio.run(read()).values()} == {403}
    allow_reads(emulator, arn)
    assert asyncio.run(read()) == {target: (200, path, "of the URL") for target, path in SENT.items()}
    for target in SENT:
        # S3 reads a plus in a path as a space.
        s3.put_object(Bucket=BUCKET, Key=unquote_plus(target.partition("?")[0][1:]), Body=b"stored")
    assert asyncio.run(read()) == dict.fromkeys(SENT, (200, "stored", None))

    async def replace_an_object() -> list[bytes]:
        bodies: list[bytes] = []
        async with open_edge_location(
            emulator.session(), emulator.url, distribution_id, emulator.invalidation_log
        ) as location:
            for path in ("/other.jpg", "/plain.jpg", "/other.jpg", "/plain.jpg"):
                response = await location.respond(ViewerRequest(method="GET", uri="/plain.jpg"))
                s3.put_object(Bucket=BUCKET, Key="plain.jpg", Body=b"after %d" % len(bodies))
                batch: Any = {
                    "Paths": {"Quantity": 1, "Items": [path]},
                    "CallerReference": str(len(bodies)),
                }
                cloudfront.create_invalidation(DistributionId=distribution_id, InvalidationBatch=batch)
                bodies.append(response.body)
        return bodies

    assert asyncio.run(replace_an_object()) == [b"stored", b"stored", b"after 1", b"after 1"]
