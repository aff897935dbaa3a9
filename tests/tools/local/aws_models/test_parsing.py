"""Parse requests of every protocol that botocore serialized."""

from typing import Any

import pytest

from tests.tools.local.aws_models.wire import wire
from tools.local.aws_models import UnknownOperationError, WireRequest, find_call, find_problems, parse

type Members = dict[str, Any]

ROLE = "arn:aws:iam::123456789012:role/a"
FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:a"
BEHAVIOR = {"TargetOriginId": "a", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "p"}
DISTRIBUTION = {
    "CallerReference": "once",
    "Comment": "<&é>",
    "Enabled": True,
    "Origins": {"Quantity": 1, "Items": [{"Id": "a", "DomainName": "b.s3.amazonaws.com"}]},
    "DefaultCacheBehavior": BEHAVIOR,
    "CacheBehaviors": {"Quantity": 1, "Items": [{"PathPattern": "/a/*", **BEHAVIOR}]},
    "CustomErrorResponses": {"Quantity": 1, "Items": [{"ErrorCode": 404, "ErrorCachingMinTTL": 60}]},
}
CALLS: list[tuple[str, str, Members, str | None]] = [
    # rest-xml
    ("cloudfront", "CreateDistribution", {"DistributionConfig": DISTRIBUTION}, None),
    (
        "cloudfront",
        "CreateDistributionWithTags",
        {
            "DistributionConfigWithTags": {
                "DistributionConfig": DISTRIBUTION,
                "Tags": {"Items": [{"Key": "team", "Value": "web"}]},
            }
        },
        None,
    ),
    ("cloudfront", "GetDistributionConfig", {"Id": "E1"}, None),
    ("cloudfront", "DeleteDistribution", {"Id": "E1", "IfMatch": "tag"}, None),
    ("s3", "PutBucketPolicy", {"Bucket": "images", "Policy": "{}"}, None),
    ("s3", "GetBucketPolicy", {"Bucket": "images"}, None),
    ("s3", "ListObjectVersions", {"Bucket": "images", "Prefix": "a/ä+b"}, None),
    ("s3", "ListObjectsV2", {"Bucket": "images", "MaxKeys": 3}, None),
    ("s3", "HeadBucket", {"Bucket": "images"}, None),
    ("s3", "CopyObject", {"Bucket": "images", "Key": "a/b c.jpg", "CopySource": "other/d"}, None),
    ("s3", "PutObject", {"Bucket": "images", "Key": "a+b", "Body": b"\xff", "ContentType": "x/y"}, None),
    (
        "s3",
        "PutBucketLifecycleConfiguration",
        {
            "Bucket": "images",
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "ID": number,
                        "Status": "Enabled",
                        "Filter": {"Prefix": "a/"},
                        "Expiration": {"Days": 3},
                    }
                    for number in "ab"
                ]
            },
        },
        None,
    ),
    (
        "s3control",
        "CreateAccessPoint",
        {"AccountId": "123456789012", "Name": "originals", "Bucket": "images"},
        None,
    ),
    # rest-json
    (
        "lambda",
        "CreateFunction",
        {
            "FunctionName": "a",
            "Role": ROLE,
            "Code": {"ZipFile": b"zip"},
            "Environment": {"Variables": {"MODE": "b"}},
            "Timeout": 3,
            "Publish": True,
        },
        None,
    ),
    (
        "lambda",
        "AddPermission",
        {"FunctionName": "a", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"},
        None,
    ),
    ("lambda", "GetFunction", {"FunctionName": FUNCTION_ARN, "Qualifier": "7"}, None),
    # query
    (
        "iam",
        "CreateRole",
        {
            "RoleName": "a",
            "AssumeRolePolicyDocument": '{"a": "&="}',
            "Tags": [{"Key": k, "Value": ""} for k in "ab"],
        },
        None,
    ),
    ("sts", "GetCallerIdentity", {}, None),
    ("sqs", "CreateQueue", {"QueueName": "q", "Attributes": {"DelaySeconds": "3"}}, "query"),
    (
        "cloudwatch",
        "PutMetricAlarm",
        {
            "AlarmName": "a",
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Dimensions": [{"Name": "q", "Value": "r"}],
            "Threshold": 0.5,
            "AlarmActions": [],
        },
        "query",
    ),
    # json
    ("sqs", "CreateQueue", {"QueueName": "q", "tags": {"a": "b"}}, None),
    ("logs", "PutRetentionPolicy", {"logGroupName": "/aws/a", "retentionInDays": 30}, None),
]


@pytest.mark.parametrize(
    ("service", "operation", "members", "protocol"), CALLS, ids=[f"{c[0]} {c[1]} {c[3] or ''}" for c in CALLS]
)
def test_a_parsed_request_equals_the_serialized_members(
    service: str, operation: str, members: Members, protocol: str | None
) -> None:
    call = find_call(wire(service, operation, members, protocol))
    assert str(call) == f"{service}:{operation}"
    assert parse(call) == (members, [])
    assert find_problems(call, members) == []


def test_unknown_elements_are_reported() -> None:
    xml = wire("cloudfront", "CreateDistribution", {"DistributionConfig": DISTRIBUTION})
    unknown = xml.body.replace(b"<Enabled>", b"<Sparkling>1</Sparkling><Enabled>")
    assert parse(find_call(WireRequest(**{**vars(xml), "body": unknown})))[1] == [
        "Sparkling is not in the model."
    ]

    json = wire("logs", "PutRetentionPolicy", {"logGroupName": "a", "retentionInDays": 1})
    unknown = json.body.replace(b"{", b'{"sparkling": 1, ')
    assert parse(find_call(WireRequest(**{**vars(json), "body": unknown})))[1] == [
        "sparkling is not in the model."
    ]

    query = wire("iam", "CreateRole", {"RoleName": "a", "AssumeRolePolicyDocument": "{}"})
    unknown = query.body + b"&Sparkling.member.1=a"
    assert parse(find_call(WireRequest(**{**vars(query), "body": unknown})))[1] == [
        "Sparkling.member.1 is not in the model."
    ]

    url = wire("s3", "GetBucketPolicy", {"Bucket": "a"})
    assert parse(find_call(WireRequest(**{**vars(url), "querystring": "policy&sparkling=1"})))[1] == [
        "sparkling is no query parameter of s3:GetBucketPolicy."
    ]


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        ("cloudfront", "CreateDistribution", b"<DistributionConfig>"),
        ("logs", "PutRetentionPolicy", b"[1]"),
        ("lambda", "CreateFunction", b"{"),
    ],
)
def test_an_unreadable_body_is_reported(service: str, operation: str, body: bytes) -> None:
    request = wire(service, operation, {})
    [problem] = parse(find_call(WireRequest(**{**vars(request), "body": body})))[1]
    assert problem.startswith("The request cannot be read: ")


def test_a_request_without_an_operation_is_rejected() -> None:
    request = wire("s3", "GetBucketPolicy", {"Bucket": "a"})
    changes: tuple[Members, ...] = (
        {"headers": {}},
        {"method": "PATCH"},
        {"headers": {**request.headers, "x-amz-target": "AWS.Sparkle"}},
    )
    for change in changes:
        with pytest.raises(UnknownOperationError):
            find_call(WireRequest(**{**vars(request), **change}))
