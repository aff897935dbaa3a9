"""Requests that AWS rejects, by the models and by additional rules."""

from typing import Any

import pytest

from tests.tools.local.aws_models.test_parsing import DISTRIBUTION, ROLE
from tests.tools.local.aws_models.wire import wire
from tools.local.aws_models import find_call, find_problems, parse

type Members = dict[str, Any]

FUNCTION = {"FunctionName": "a", "Role": ROLE, "Code": {"ZipFile": b"zip"}}
RULE = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}}


def problems_of(service: str, operation: str, members: Members) -> list[str]:
    call = find_call(wire(service, operation, members))
    found, unknown = parse(call)
    assert unknown == []
    return find_problems(call, found)


def distribution_with(**changes: object) -> Members:
    return {"DistributionConfig": {**DISTRIBUTION, **changes}}


@pytest.mark.parametrize(
    ("service", "operation", "members", "problem"),
    [
        ("lambda", "CreateFunction", {"FunctionName": "a", "Role": ROLE}, "Code is required."),
        (
            "lambda",
            "CreateFunction",
            {**FUNCTION, "MemorySize": 64},
            "MemorySize: 64 has the value 64, below the minimum of 128.",
        ),
        (
            "lambda",
            "CreateFunction",
            {**FUNCTION, "Description": "d" * 257},
            "above the maximum of 256.",
        ),
        ("lambda", "CreateFunction", {**FUNCTION, "Runtime": "python2.6"}, "'python2.6' is none of "),
        ("lambda", "CreateFunction", {**FUNCTION, "Role": "a"}, "Role: 'a' does not match arn:"),
        (
            "lambda",
            "CreateFunction",
            {**FUNCTION, "Environment": {"Variables": {"1": "x"}}},
            "Environment.Variables (key): '1' does not match",
        ),
        (
            "lambda",
            "CreateFunction",
            {**FUNCTION, "Layers": ["layer"]},
            "Layers[0]: 'layer' does not match",
        ),
        ("lambda", "CreateFunction", {**FUNCTION, "Timeout": "3s"}, "Timeout: '3s' is not of type integer."),
        (
            "lambda",
            "CreateFunction",
            {**FUNCTION, "Publish": "yes"},
            "Publish: 'yes' is not of type boolean.",
        ),
        (
            "iam",
            "CreateRole",
            {"RoleName": "a/b", "AssumeRolePolicyDocument": "{}"},
            "RoleName: 'a/b' does not match",
        ),
        (
            "iam",
            "CreateRole",
            {
                "RoleName": "a",
                "AssumeRolePolicyDocument": "{}",
                "Tags": [{"Key": "\u2028é", "Value": "a*b"}],
            },
            "Tags[0].Value: 'a*b' does not match",
        ),
        (
            "logs",
            "CreateLogGroup",
            {"logGroupName": "a b"},
            "logGroupName: 'a b' does not match",
        ),
        (
            "s3",
            "PutBucketLifecycleConfiguration",
            {"Bucket": "b", "LifecycleConfiguration": {"Rules": [{**RULE, "Status": "On"}]}},
            "LifecycleConfiguration.Rules[0].Status: 'On' is none of Enabled, Disabled.",
        ),
        (
            "cloudfront",
            "CreateDistribution",
            distribution_with(PriceClass="PriceClass_300"),
            "DistributionConfig.PriceClass: 'PriceClass_300' is none of ",
        ),
        (
            "cloudfront",
            "CreateDistribution",
            distribution_with(Origins={"Quantity": 0, "Items": []}),
            "DistributionConfig.Origins.Items: [] has the length 0, below the minimum of 1.",
        ),
        (
            "cloudfront",
            "CreateDistribution",
            distribution_with(Enabled=None),
            "DistributionConfig.Enabled is required.",
        ),
    ],
)
def test_a_model_rejects(service: str, operation: str, members: Members, problem: str) -> None:
    members = without_none(members)
    [found] = problems_of(service, operation, members)
    assert problem in found


def without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return value


def cache_policy(seconds: int, **key: object) -> Members:
    parameters = {
        "EnableAcceptEncodingGzip": False,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        **key,
    }
    ttl = dict.fromkeys(("MinTTL", "DefaultTTL", "MaxTTL"), 0) | {"MaxTTL": seconds}
    return {
        "CachePolicyConfig": {
            "Name": "a",
            **ttl,
            "ParametersInCacheKeyAndForwardedToOrigin": parameters,
        }
    }


SIZE = {
    "QueryStringsConfig": {
        "QueryStringBehavior": "whitelist",
        "QueryStrings": {"Quantity": 1, "Items": ["size"]},
    }
}


@pytest.mark.parametrize(
    ("key", "refused"),
    [
        ({}, []),
        (SIZE, ["QueryStringBehavior"]),
        ({"EnableAcceptEncodingGzip": True}, ["EnableAcceptEncodingGzip"]),
        ({**SIZE, "CookiesConfig": {"CookieBehavior": "all"}}, ["CookieBehavior", "QueryStringBehavior"]),
    ],
)
def test_a_cache_policy_without_caching_must_have_an_empty_key(key: Members, refused: list[str]) -> None:
    sentences = [f"The parameter {name} is invalid for policy with caching disabled." for name in refused]
    assert problems_of("cloudfront", "CreateCachePolicy", cache_policy(0, **key)) == sentences
    assert problems_of("cloudfront", "CreateCachePolicy", cache_policy(1, **key)) == []


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ({"ErrorCode": 404}, None),
        ({"ErrorCode": 403, "ResponseCode": "404", "ResponsePagePath": "/404.html"}, None),
        ({"ErrorCode": 429}, "no custom error response for 429"),
        ({"ErrorCode": 403, "ResponseCode": "404"}, "needs a page path and a response code, or neither"),
        ({"ErrorCode": 403, "ResponsePagePath": "/404.html"}, "or neither"),
        ({"ErrorCode": 403, "ResponseCode": "404", "ResponsePagePath": "404.html"}, "starts with a slash"),
        (
            {"ErrorCode": 403, "ResponseCode": "410", "ResponsePagePath": "/a"},
            "does not turn an error into 410",
        ),
    ],
)
def test_custom_error_responses(error: Members, problem: str | None) -> None:
    members = distribution_with(CustomErrorResponses={"Quantity": 1, "Items": [error]})
    found = problems_of("cloudfront", "CreateDistribution", members)
    assert len(found) == (problem is not None)
    assert problem is None or problem in found[0]


BUCKET: Members = {
    "Id": "bucket",
    "DomainName": "images.s3.eu-west-1.amazonaws.com",
    "OriginAccessControlId": "E1",
    "S3OriginConfig": {"OriginAccessIdentity": ""},
}
HTTPS = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
URL: Members = {
    "Id": "url",
    "DomainName": "abc.lambda-url.eu-west-1.on.aws",
    "OriginAccessControlId": "E2",
    "CustomOriginConfig": HTTPS,
}


def group_of(*members: str, statuses: tuple[int, ...] = (403, 404)) -> Members:
    return {
        "Id": "group",
        "FailoverCriteria": {"StatusCodes": {"Quantity": len(statuses), "Items": list(statuses)}},
        "Members": {"Quantity": len(members), "Items": [{"OriginId": member} for member in members]},
    }


@pytest.mark.parametrize(
    ("origins", "group", "methods", "problem"),
    [
        ([BUCKET, URL], group_of("bucket", "url"), ["GET", "HEAD"], None),
        ([BUCKET, URL], group_of("bucket", "url"), ["GET", "HEAD", "OPTIONS"], None),
        (
            [BUCKET, URL],
            group_of("bucket", "url"),
            ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"],
            "cannot allow DELETE, PATCH, POST, PUT",
        ),
        ([BUCKET, URL], group_of("bucket", "bucket"), ["GET", "HEAD"], "needs two different origins"),
        ([BUCKET, URL], group_of("bucket", "other"), ["GET", "HEAD"], "not bucket, other"),
        (
            [BUCKET, URL],
            group_of("bucket", "url", statuses=(403, 401)),
            ["GET", "HEAD"],
            "cannot fail over on 401",
        ),
        (
            [BUCKET, {**URL, "Id": "group"}],
            group_of("bucket", "group"),
            ["GET", "HEAD"],
            "group is the ID of an origin and of an origin group",
        ),
        (
            [BUCKET, {**URL, "CustomOriginConfig": {**HTTPS, "OriginProtocolPolicy": "match-viewer"}}],
            group_of("bucket", "url"),
            ["GET", "HEAD"],
            "of the origin url by https-only",
        ),
        (
            [BUCKET, {**URL, "DomainName": "example.com"}],
            group_of("bucket", "url"),
            ["GET", "HEAD"],
            "not to example.com",
        ),
        (
            [
                {
                    **BUCKET,
                    "S3OriginConfig": {"OriginAccessIdentity": "origin-access-identity/cloudfront/E3"},
                },
                URL,
            ],
            group_of("bucket", "url"),
            ["GET", "HEAD"],
            "an origin access control and an origin access identity",
        ),
    ],
)
def test_origin_groups(
    origins: list[Members], group: Members, methods: list[str], problem: str | None
) -> None:
    behavior = {
        "TargetOriginId": "group",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {
            "Quantity": len(methods),
            "Items": methods,
            "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
        },
    }
    members = distribution_with(
        Origins={"Quantity": len(origins), "Items": origins},
        OriginGroups={"Quantity": 1, "Items": [group]},
        DefaultCacheBehavior=behavior,
        CacheBehaviors={
            "Quantity": 1,
            "Items": [{**behavior, "TargetOriginId": "bucket", "PathPattern": "/a"}],
        },
    )
    found = problems_of("cloudfront", "CreateDistribution", members)
    assert len(found) == (problem is not None)
    assert problem is None or problem in found[0]


def test_a_behavior_without_an_origin() -> None:
    members = distribution_with(Origins={"Quantity": 1, "Items": [BUCKET]})
    found = problems_of("cloudfront", "CreateDistribution", members)
    assert set(found) == {"There is no origin or origin group a."}
