"""Load distributions through the emulator's API."""

from typing import TYPE_CHECKING, Any

import pytest

from tools.console import ToolError
from tools.local.edge.cache_key import KeyPolicy, QueryBehavior
from tools.local.edge.distribution import ErrorResponse, Failover
from tools.local.edge.load_distribution import headers_policy, load_distribution
from tools.local.edge.origin import CustomOrigin, S3Origin
from tools.local.edge.response_headers import Cors, PolicyHeader
from tools.local.edge.ttl import Lifetimes
from tools.local.emulator.process import Emulator

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudfront.type_defs import CachePolicyConfigTypeDef, ResponseHeadersPolicyConfigTypeDef

ARN = "arn:aws:lambda:us-east-1:000000000000:function:resize:7"
VIEWER_ARN = "arn:aws:cloudfront::000000000000:function/viewer"
pytestmark = pytest.mark.xdist_group("emulator")

CACHE_POLICY: "CachePolicyConfigTypeDef" = {
    "Name": "images",
    "MinTTL": 1,
    "DefaultTTL": 2,
    "MaxTTL": 3,
    "ParametersInCacheKeyAndForwardedToOrigin": {
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": False,
        "HeadersConfig": {
            "HeaderBehavior": "whitelist",
            "Headers": {"Quantity": 1, "Items": ["Accept-Language"]},
        },
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {
            "QueryStringBehavior": "whitelist",
            "QueryStrings": {"Quantity": 2, "Items": ["size", "to_webp"]},
        },
    },
}
HEADERS_POLICY: "ResponseHeadersPolicyConfigTypeDef" = {
    "Name": "images",
    "CorsConfig": {
        "AccessControlAllowOrigins": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowHeaders": {"Quantity": 1, "Items": ["*"]},
        "AccessControlAllowMethods": {"Quantity": 1, "Items": ["GET"]},
        "AccessControlAllowCredentials": False,
        "AccessControlExposeHeaders": {"Quantity": 1, "Items": ["ETag"]},
        "OriginOverride": True,
    },
    "SecurityHeadersConfig": {
        "ContentTypeOptions": {"Override": True},
        "FrameOptions": {"Override": False, "FrameOption": "DENY"},
        "ReferrerPolicy": {"Override": True, "ReferrerPolicy": "no-referrer"},
        "ContentSecurityPolicy": {"Override": True, "ContentSecurityPolicy": "default-src 'none'"},
        "XSSProtection": {"Override": True, "Protection": True, "ModeBlock": True},
        "StrictTransportSecurity": {
            "Override": True,
            "AccessControlMaxAgeSec": 60,
            "IncludeSubdomains": True,
            "Preload": True,
        },
    },
    "CustomHeadersConfig": {"Quantity": 1, "Items": [{"Header": "X-Mine", "Value": "1", "Override": False}]},
    "RemoveHeadersConfig": {"Quantity": 1, "Items": [{"Header": "x-amz-version-id"}]},
}


@pytest.fixture(scope="module")
def cloudfront(emulator: Emulator) -> "CloudFrontClient":
    return emulator.session().client("cloudfront", endpoint_url=emulator.url)


@pytest.fixture(scope="module")
def config(cloudfront: "CloudFrontClient") -> dict[str, Any]:
    """A distribution with all features that the edge models."""
    cache = cloudfront.create_cache_policy(CachePolicyConfig=CACHE_POLICY)["CachePolicy"]
    headers = cloudfront.create_response_headers_policy(ResponseHeadersPolicyConfig=HEADERS_POLICY)
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "images",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )
    version = cloudfront.create_function(
        Name="viewer",
        FunctionConfig={"Comment": "", "Runtime": "cloudfront-js-2.0"},
        FunctionCode=b"function handler(event) { return event.request; }",
    )["ETag"]
    cloudfront.publish_function(Name="viewer", IfMatch=version)
    header = {"HeaderName": "X-Env-Quality", "HeaderValue": "80"}
    behavior = {
        "TargetOriginId": "bucket",
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": {
            "Quantity": 3,
            "Items": ["GET", "HEAD", "OPTIONS"],
            "CachedMethods": {"Quantity": 2, "Items": ["GET", "HEAD"]},
        },
        "CachePolicyId": cache["Id"],
        "ResponseHeadersPolicyId": headers["ResponseHeadersPolicy"]["Id"],
        "LambdaFunctionAssociations": {
            "Quantity": 1,
            "Items": [{"LambdaFunctionARN": ARN, "EventType": "origin-request"}],
        },
        "FunctionAssociations": {
            "Quantity": 1,
            "Items": [{"FunctionARN": VIEWER_ARN, "EventType": "viewer-request"}],
        },
    }
    origin = {
        "Id": "bucket",
        "DomainName": "images.s3.eu-west-1.amazonaws.com",
        "OriginPath": "/originals",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
        "OriginAccessControlId": control["OriginAccessControl"]["Id"],
        "CustomHeaders": {"Quantity": 1, "Items": [header]},
    }
    return {
        "CallerReference": "one",
        "Comment": "",
        "Enabled": True,
        "DefaultRootObject": "index.html",
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behavior,
        "CacheBehaviors": {"Quantity": 1, "Items": [{**behavior, "PathPattern": "plain/*"}]},
        "CustomErrorResponses": {
            "Quantity": 3,
            "Items": [
                {"ErrorCode": 404, "ErrorCachingMinTTL": 1},
                {"ErrorCode": 403, "ResponsePagePath": "/404.html", "ResponseCode": "404"},
                {
                    "ErrorCode": 503,
                    "ErrorCachingMinTTL": 0,
                    "ResponsePagePath": "/busy.html",
                    "ResponseCode": "503",
                },
            ],
        },
    }


def test_all_features_are_loaded(cloudfront: "CloudFrontClient", config: dict[str, Any]) -> None:
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]  # type: ignore[arg-type]  # built in parts
    distribution = load_distribution(cloudfront, made["Id"])
    assert (distribution.id, distribution.domain_name) == (made["Id"], made["DomainName"])
    assert distribution.root_object == "index.html"
    assert distribution.error_responses == {
        404: ErrorResponse(caching_min_ttl=1),
        403: ErrorResponse(caching_min_ttl=10, page_path="/404.html", response_code=404),
        503: ErrorResponse(caching_min_ttl=0, page_path="/busy.html", response_code=503),
    }
    assert [behavior.path_pattern for behavior in distribution.behaviors] == ["plain/*", None]
    behavior = distribution.behaviors[1]
    assert behavior.origin == S3Origin(
        domain_name="images.s3.eu-west-1.amazonaws.com",
        path="/originals",
        custom_headers=(("X-Env-Quality", "80"),),
    )
    assert behavior.key_policy == KeyPolicy(
        query=QueryBehavior.WHITELIST,
        query_names=frozenset({"size", "to_webp"}),
        header_names=("accept-language",),
        gzip=True,
    )
    assert behavior.lifetimes == Lifetimes(minimum=1, default=2, maximum=3)
    assert behavior.methods == frozenset({"GET", "HEAD", "OPTIONS"})
    assert (behavior.cached_methods, behavior.function_arn) == (frozenset({"GET", "HEAD"}), ARN)
    assert behavior.viewer_function_arn == VIEWER_ARN
    assert behavior.headers_policy.cors == Cors(origins=("*",), exposed_headers=("ETag",), override=True)
    assert len(behavior.headers_policy.headers) == 7


def test_a_response_headers_policy() -> None:
    policy = headers_policy(HEADERS_POLICY)  # type: ignore[arg-type]  # built as the API takes it
    assert policy.removed == ("x-amz-version-id",)
    expected = {
        ("X-Mine", "1", False),
        ("X-Content-Type-Options", "nosniff", True),
        ("X-Frame-Options", "DENY", False),
        ("Referrer-Policy", "no-referrer", True),
        ("Content-Security-Policy", "default-src 'none'", True),
        ("X-XSS-Protection", "1; mode=block", True),
        ("Strict-Transport-Security", "max-age=60; includeSubDomains; preload", True),
    }
    assert set(policy.headers) == {PolicyHeader(name=n, value=v, override=o) for n, v, o in expected}


@pytest.mark.parametrize(
    ("part", "change", "sentence"),
    [
        ("behavior", {"CachePolicyId": ""}, "default behavior without a cache policy"),
        (
            "behavior",
            {"TargetOriginId": "none"},
            "none of the default behavior, neither an origin nor an origin group",
        ),
        (
            "behavior",
            {
                "LambdaFunctionAssociations": {
                    "Quantity": 1,
                    "Items": [{"LambdaFunctionARN": ARN, "EventType": "viewer-request"}],
                }
            },
            "Lambda@Edge on viewer-request",
        ),
        (
            "behavior",
            {
                "LambdaFunctionAssociations": {
                    "Quantity": 1,
                    "Items": [{"LambdaFunctionARN": f"{ARN[:-2]}:$LATEST", "EventType": "origin-request"}],
                }
            },
            "published version",
        ),
        (
            "behavior",
            {
                "FunctionAssociations": {
                    "Quantity": 1,
                    "Items": [{"FunctionARN": VIEWER_ARN, "EventType": "viewer-response"}],
                }
            },
            "a CloudFront Function on viewer-response",
        ),
        ("origin", {"OriginAccessControlId": ""}, "without origin access control"),
    ],
)
def test_unsupported_features_are_rejected(
    cloudfront: "CloudFrontClient", config: dict[str, Any], part: str, change: dict[str, Any], sentence: str
) -> None:
    wanted = {**config, "CallerReference": sentence}
    if part == "behavior":
        wanted["DefaultCacheBehavior"] = {**config["DefaultCacheBehavior"], **change}
    else:
        wanted["Origins"] = {"Quantity": 1, "Items": [{**config["Origins"]["Items"][0], **change}]}
    made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]  # type: ignore[arg-type]  # built in parts
    with pytest.raises(ToolError, match=f"^The local edge does not model .*{sentence}"):
        load_distribution(cloudfront, made["Id"])


def origin_request_policy(name: str, **changes: object) -> dict[str, Any]:
    return {
        "Name": name,
        "HeadersConfig": {
            "HeaderBehavior": "whitelist",
            "Headers": {"Quantity": 2, "Items": ["X-Viewer-Url", "accept-language"]},
        },
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "none"},
        **changes,
    }


def load_with_policy(
    cloudfront: "CloudFrontClient", config: dict[str, Any], policy: dict[str, Any]
) -> tuple[str, ...]:
    created = cloudfront.create_origin_request_policy(OriginRequestPolicyConfig=policy)  # type: ignore[arg-type]  # built in parts
    behavior = {
        **config["DefaultCacheBehavior"],
        "OriginRequestPolicyId": created["OriginRequestPolicy"]["Id"],
    }
    wanted = {**config, "CallerReference": policy["Name"], "DefaultCacheBehavior": behavior}
    made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]  # type: ignore[arg-type]  # built in parts
    return load_distribution(cloudfront, made["Id"]).behaviors[-1].forwarded_headers


def test_headers_of_an_origin_request_policy(cloudfront: "CloudFrontClient", config: dict[str, Any]) -> None:
    policy = origin_request_policy("headers")
    assert load_with_policy(cloudfront, config, policy) == ("accept-language", "x-viewer-url")
    none = origin_request_policy("no-headers", HeadersConfig={"HeaderBehavior": "none"})
    assert load_with_policy(cloudfront, config, none) == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"HeadersConfig": {"HeaderBehavior": "allViewer"}}, "other headers than a list"),
        ({"CookiesConfig": {"CookieBehavior": "all"}}, "with cookies"),
        ({"QueryStringsConfig": {"QueryStringBehavior": "all"}}, "with query strings"),
        (
            {"HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": {"Quantity": 1, "Items": ["Host"]}}},
            "with Host or Authorization",
        ),
    ],
)
def test_other_origin_request_policies_are_rejected(
    cloudfront: "CloudFrontClient", config: dict[str, Any], change: dict[str, Any], sentence: str
) -> None:
    policy = origin_request_policy(sentence.replace(" ", "-"), **change)
    with pytest.raises(ToolError, match=f"^The local edge does not model .*{sentence}"):
        load_with_policy(cloudfront, config, policy)


def custom(domain_name: str, control: str = "", protocol: str = "https-only") -> dict[str, Any]:
    config = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": protocol}
    return {
        "Id": "bucket",
        "DomainName": domain_name,
        "CustomOriginConfig": config,
        "OriginAccessControlId": control,
    }


@pytest.fixture(scope="module")
def lambda_control(cloudfront: "CloudFrontClient") -> str:
    control = cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": "function",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "lambda",
        }
    )
    return control["OriginAccessControl"]["Id"]


def test_custom_origins_are_loaded(
    cloudfront: "CloudFrontClient", config: dict[str, Any], lambda_control: str
) -> None:
    access_point = "images-000000000000.s3-object-lambda.us-east-1.amazonaws.com"
    url = "abc.lambda-url.us-east-1.on.aws"
    found = []
    for origin in (custom(access_point), custom(url, lambda_control)):
        wanted = {
            **config,
            "CallerReference": origin["DomainName"],
            "Origins": {"Quantity": 1, "Items": [origin]},
        }
        made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]  # type: ignore[arg-type]  # built in parts
        found.append(load_distribution(cloudfront, made["Id"]).behaviors[-1].origin)
    assert found == [
        CustomOrigin(domain_name=access_point),
        CustomOrigin(domain_name=url, access_control=True),
    ]


def group_config(config: dict[str, Any], control: str, **changes: object) -> dict[str, Any]:
    """Return a configuration whose default behavior has an origin group of the bucket and a function URL."""
    url = {
        **custom("abc.lambda-url.us-east-1.on.aws", control),
        "Id": "function",
        "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Env-Secret", "HeaderValue": "1"}]},
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only",
            "OriginReadTimeout": 60,
        },
        "OriginShield": {"Enabled": True, "OriginShieldRegion": "eu-west-1"},
    }
    group = {
        "Id": "images",
        "FailoverCriteria": {"StatusCodes": {"Quantity": 3, "Items": [403, 404, 503]}},
        "Members": {"Quantity": 2, "Items": [{"OriginId": "bucket"}, {"OriginId": "function"}]},
        **changes,
    }
    return {
        **config,
        "CallerReference": f"group {changes}",
        "Origins": {"Quantity": 2, "Items": [*config["Origins"]["Items"], url]},
        "OriginGroups": {"Quantity": 1, "Items": [group]},
        "DefaultCacheBehavior": {**config["DefaultCacheBehavior"], "TargetOriginId": "images"},
    }


def test_an_origin_group_is_loaded(
    cloudfront: "CloudFrontClient", config: dict[str, Any], lambda_control: str
) -> None:
    wanted: Any = group_config(config, lambda_control)
    made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]
    kept = cloudfront.get_distribution_config(Id=made["Id"])["DistributionConfig"]
    assert (kept["OriginGroups"], kept["Origins"]) == (wanted["OriginGroups"], wanted["Origins"])
    other, default = load_distribution(cloudfront, made["Id"]).behaviors
    bucket = S3Origin(
        domain_name="images.s3.eu-west-1.amazonaws.com",
        path="/originals",
        custom_headers=(("X-Env-Quality", "80"),),
    )
    url = CustomOrigin(
        domain_name="abc.lambda-url.us-east-1.on.aws",
        custom_headers=(("X-Env-Secret", "1"),),
        read_timeout_seconds=60,
        access_control=True,
    )
    assert (default.origin, default.failover) == (
        bucket,
        Failover(origin=url, statuses=frozenset({403, 404, 503})),
    )
    assert (other.origin, other.failover) == (bucket, None)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"FailoverCriteria": {"StatusCodes": {"Quantity": 3, "Items": [404, 418, 401]}}},
            "failover on 401, 418: CloudFront refuses other statuses than 400, 403, 404, 416, 429, 500,",
        ),
        (
            {"Members": {"Quantity": 2, "Items": [{"OriginId": "bucket"}, {"OriginId": "bucket"}]}},
            "the origin group images without two different origins",
        ),
        ({"SelectionCriteria": "media-quality-based"}, "media quality scores"),
    ],
)
def test_other_origin_groups_are_rejected(
    cloudfront: "CloudFrontClient",
    config: dict[str, Any],
    lambda_control: str,
    change: dict[str, Any],
    sentence: str,
) -> None:
    wanted: Any = group_config(config, lambda_control, **change)
    made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]
    with pytest.raises(ToolError, match=f"^The local edge does not model .*{sentence}"):
        load_distribution(cloudfront, made["Id"])


@pytest.mark.parametrize(
    ("domain_name", "protocol", "sentence"),
    [
        ("images.example.com", "https-only", "which is not in AWS"),
        ("abc.lambda-url.us-east-1.on.aws", "http-only", "another protocol than HTTPS"),
    ],
)
def test_other_custom_origins_are_rejected(
    cloudfront: "CloudFrontClient", config: dict[str, Any], domain_name: str, protocol: str, sentence: str
) -> None:
    origin = custom(domain_name, protocol=protocol)
    wanted = {**config, "CallerReference": sentence, "Origins": {"Quantity": 1, "Items": [origin]}}
    made = cloudfront.create_distribution(DistributionConfig=wanted)["Distribution"]  # type: ignore[arg-type]  # built in parts
    with pytest.raises(ToolError, match=f"^The local edge does not model .*{sentence}"):
        load_distribution(cloudfront, made["Id"])
