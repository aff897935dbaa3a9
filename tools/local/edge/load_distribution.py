"""Load an applied distribution through CloudFront's API. Unsupported features are rejected."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tools.console import ToolError
from tools.local.aws_models.rules import FAILOVER_STATUSES
from tools.local.edge.cache_key import KeyPolicy, QueryBehavior
from tools.local.edge.distribution import Behavior, Distribution, ErrorResponse, Failover
from tools.local.edge.origin import DEFAULT_READ_TIMEOUT_SECONDS, CustomOrigin, Origin, S3Origin
from tools.local.edge.response_headers import Cors, HeadersPolicy, PolicyHeader
from tools.local.edge.ttl import DEFAULT_ERROR_SECONDS, Lifetimes

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudfront.type_defs import (
        CacheBehaviorOutputTypeDef,
        CachePolicyConfigOutputTypeDef,
        CustomErrorResponseTypeDef,
        DefaultCacheBehaviorOutputTypeDef,
        OriginGroupOutputTypeDef,
        OriginOutputTypeDef,
        ResponseHeadersPolicyConfigOutputTypeDef,
        ResponseHeadersPolicyCorsConfigOutputTypeDef,
        ResponseHeadersPolicySecurityHeadersConfigTypeDef,
    )

    type AnyBehavior = DefaultCacheBehaviorOutputTypeDef | CacheBehaviorOutputTypeDef


_GROUP_MEMBERS = 2

type _Target = tuple[Origin, Failover | None]


def load_distribution(client: "CloudFrontClient", distribution_id: str) -> Distribution:
    """Return a distribution with its policies and origins.

    Raises:
        ToolError: the distribution uses a feature that the local edge does not model.
    """
    distribution = client.get_distribution(Id=distribution_id)["Distribution"]
    config = distribution["DistributionConfig"]
    targets: dict[str, _Target] = {
        origin["Id"]: (_origin(client, origin), None) for origin in config["Origins"]["Items"]
    }
    groups = config.get("OriginGroups", {}).get("Items", [])
    targets |= {group["Id"]: _origin_group(group, targets) for group in groups}
    listed = config.get("CacheBehaviors", {}).get("Items", [])
    behaviors = [_behavior(client, found, found["PathPattern"], targets) for found in listed]
    behaviors.append(_behavior(client, config["DefaultCacheBehavior"], None, targets))
    errors = config.get("CustomErrorResponses", {}).get("Items", [])
    return Distribution(
        id=distribution_id,
        domain_name=distribution["DomainName"],
        behaviors=tuple(behaviors),
        error_responses={error["ErrorCode"]: _error_response(error) for error in errors},
        root_object=config.get("DefaultRootObject", ""),
    )


def _require(condition: object, feature: str) -> None:
    if not condition:
        raise ToolError(f"The local edge does not model {feature}.")


def _origin(client: "CloudFrontClient", origin: "OriginOutputTypeDef") -> Origin:
    # Origin Shield is a cache between the edge locations and an origin. Here is one edge location only, whose
    # cache serves as the Shield of every origin.
    name = f"the origin {origin['Id']}"
    control_id = origin.get("OriginAccessControlId", "")
    kind = _access_control_type(client, control_id) if control_id else "none"
    headers = origin.get("CustomHeaders", {}).get("Items", [])
    custom_headers = tuple((header["HeaderName"], header["HeaderValue"]) for header in headers)
    domain_name, path = origin["DomainName"], origin.get("OriginPath", "")
    if "S3OriginConfig" in origin:
        _require(kind == "s3", f"{name} without origin access control for S3")
        return S3Origin(domain_name=domain_name, path=path, custom_headers=custom_headers)
    _require(domain_name.endswith((".amazonaws.com", ".on.aws")), f"{name}, which is not in AWS")
    custom = origin.get("CustomOriginConfig", {})
    _require(custom.get("OriginProtocolPolicy") == "https-only", f"{name} with another protocol than HTTPS")
    _require(kind in ("none", "lambda"), f"{name} with origin access control for {kind}")
    return CustomOrigin(
        domain_name=domain_name,
        path=path,
        custom_headers=custom_headers,
        read_timeout_seconds=custom.get("OriginReadTimeout", DEFAULT_READ_TIMEOUT_SECONDS),
        access_control=kind == "lambda",
    )


def _origin_group(group: "OriginGroupOutputTypeDef", targets: Mapping[str, _Target]) -> _Target:
    name = f"the origin group {group['Id']}"
    statuses = frozenset(group["FailoverCriteria"]["StatusCodes"]["Items"])
    refused = ", ".join(map(str, sorted(statuses - FAILOVER_STATUSES)))
    _require(
        not refused,
        f"{name} with failover on {refused}: CloudFront refuses other statuses than "
        f"{', '.join(map(str, sorted(FAILOVER_STATUSES)))}",
    )
    _require(group.get("SelectionCriteria", "default") == "default", f"{name} with media quality scores")
    members = [member["OriginId"] for member in group["Members"]["Items"]]
    _require(len(set(members)) == _GROUP_MEMBERS, f"{name} without two different origins")
    primary, secondary = (targets[member][0] for member in members)
    return primary, Failover(origin=secondary, statuses=statuses)


def _error_response(error: "CustomErrorResponseTypeDef") -> ErrorResponse:
    path, code = error.get("ResponsePagePath", ""), error.get("ResponseCode", "")
    return ErrorResponse(
        caching_min_ttl=error.get("ErrorCachingMinTTL", DEFAULT_ERROR_SECONDS),
        page_path=path and f"/{path.removeprefix('/')}",
        response_code=int(code) if code else 0,
    )


def _access_control_type(client: "CloudFrontClient", control_id: str) -> str:
    control = client.get_origin_access_control(Id=control_id)["OriginAccessControl"]
    return control["OriginAccessControlConfig"]["OriginAccessControlOriginType"]


def _behavior(
    client: "CloudFrontClient",
    behavior: "AnyBehavior",
    pattern: str | None,
    targets: Mapping[str, _Target],
) -> Behavior:
    name = pattern or "default"
    _require(behavior.get("CachePolicyId"), f"the {name} behavior without a cache policy")
    target = behavior["TargetOriginId"]
    _require(target in targets, f"{target} of the {name} behavior, neither an origin nor an origin group")
    origin, failover = targets[target]
    methods = behavior["AllowedMethods"]
    policy = client.get_cache_policy(Id=behavior["CachePolicyId"])["CachePolicy"]["CachePolicyConfig"]
    return Behavior(
        path_pattern=pattern,
        origin=origin,
        failover=failover,
        methods=frozenset(methods["Items"]),
        cached_methods=frozenset(methods.get("CachedMethods", {}).get("Items", ["GET", "HEAD"])),
        key_policy=_key_policy(policy),
        lifetimes=Lifetimes(
            minimum=policy["MinTTL"],
            default=policy.get("DefaultTTL", 86_400),
            maximum=policy.get("MaxTTL", 31_536_000),
        ),
        forwarded_headers=_forwarded_headers(client, behavior.get("OriginRequestPolicyId", "")),
        headers_policy=_headers_policy(client, behavior.get("ResponseHeadersPolicyId", "")),
        function_arn=_function_arn(behavior),
        viewer_function_arn=_viewer_function_arn(behavior),
    )


def _function_arn(behavior: "AnyBehavior") -> str | None:
    found = behavior.get("LambdaFunctionAssociations", {}).get("Items", [])
    for association in found:
        event_type, arn = association["EventType"], association["LambdaFunctionARN"]
        _require(event_type == "origin-request", f"Lambda@Edge on {event_type}")
        _require(
            arn.rpartition(":")[2].isdigit(), f"{arn} at the edge: Lambda@Edge takes a published version only"
        )
    return found[0]["LambdaFunctionARN"] if found else None


def _viewer_function_arn(behavior: "AnyBehavior") -> str | None:
    found = behavior.get("FunctionAssociations", {}).get("Items", [])
    for association in found:
        _require(
            association["EventType"] == "viewer-request",
            f"a CloudFront Function on {association['EventType']}",
        )
    return found[0]["FunctionARN"] if found else None


def _key_policy(config: "CachePolicyConfigOutputTypeDef") -> KeyPolicy:
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    _require(key["CookiesConfig"]["CookieBehavior"] == "none", "cookies in the cache key")
    query, headers = key["QueryStringsConfig"], key["HeadersConfig"]
    return KeyPolicy(
        query=QueryBehavior(query["QueryStringBehavior"]),
        query_names=frozenset(query.get("QueryStrings", {}).get("Items", [])),
        header_names=tuple(sorted(name.lower() for name in headers.get("Headers", {}).get("Items", []))),
        gzip=key["EnableAcceptEncodingGzip"],
        brotli=key.get("EnableAcceptEncodingBrotli", False),
    )


def _forwarded_headers(client: "CloudFrontClient", policy_id: str) -> tuple[str, ...]:
    """Return the headers of an origin request policy. The cache key reaches the origin without the policy."""
    if not policy_id:
        return ()
    config = client.get_origin_request_policy(Id=policy_id)["OriginRequestPolicy"][
        "OriginRequestPolicyConfig"
    ]
    name, headers = f"the origin request policy {config['Name']}", config["HeadersConfig"]
    _require(headers["HeaderBehavior"] in ("none", "whitelist"), f"{name} with other headers than a list")
    _require(config["CookiesConfig"]["CookieBehavior"] == "none", f"{name} with cookies")
    _require(config["QueryStringsConfig"]["QueryStringBehavior"] == "none", f"{name} with query strings")
    names = sorted(each.lower() for each in headers.get("Headers", {}).get("Items", []))
    _require(not {"host", "authorization"} & set(names), f"{name} with Host or Authorization")
    return tuple(names)


def _headers_policy(client: "CloudFrontClient", policy_id: str) -> HeadersPolicy:
    if not policy_id:
        return HeadersPolicy()
    config = client.get_response_headers_policy(Id=policy_id)["ResponseHeadersPolicy"][
        "ResponseHeadersPolicyConfig"
    ]
    return headers_policy(config)


def headers_policy(config: "ResponseHeadersPolicyConfigOutputTypeDef") -> HeadersPolicy:
    """Return a response headers policy from the API's structure."""
    custom = config.get("CustomHeadersConfig", {}).get("Items", [])
    removed = config.get("RemoveHeadersConfig", {}).get("Items", [])
    return HeadersPolicy(
        headers=(
            *(PolicyHeader(name=h["Header"], value=h["Value"], override=h["Override"]) for h in custom),
            *_security_headers(config.get("SecurityHeadersConfig", {})),
        ),
        removed=tuple(header["Header"] for header in removed),
        cors=_cors(config["CorsConfig"]) if "CorsConfig" in config else None,
    )


def _cors(config: "ResponseHeadersPolicyCorsConfigOutputTypeDef") -> Cors:
    return Cors(
        origins=tuple(config["AccessControlAllowOrigins"]["Items"]),
        exposed_headers=tuple(config.get("AccessControlExposeHeaders", {}).get("Items", [])),
        credentials=config["AccessControlAllowCredentials"],
        override=config["OriginOverride"],
    )


def _security_headers(config: "ResponseHeadersPolicySecurityHeadersConfigTypeDef") -> list[PolicyHeader]:
    found: list[tuple[str, str, bool]] = []
    if options := config.get("ContentTypeOptions"):
        found.append(("X-Content-Type-Options", "nosniff", options["Override"]))
    if frame := config.get("FrameOptions"):
        found.append(("X-Frame-Options", frame["FrameOption"], frame["Override"]))
    if referrer := config.get("ReferrerPolicy"):
        found.append(("Referrer-Policy", referrer["ReferrerPolicy"], referrer["Override"]))
    if content := config.get("ContentSecurityPolicy"):
        found.append(("Content-Security-Policy", content["ContentSecurityPolicy"], content["Override"]))
    if xss := config.get("XSSProtection"):
        value = "1" if xss["Protection"] else "0"
        value += "; mode=block" if xss.get("ModeBlock") else ""
        value += f"; report={uri}" if (uri := xss.get("ReportUri")) else ""
        found.append(("X-XSS-Protection", value, xss["Override"]))
    if transport := config.get("StrictTransportSecurity"):
        value = f"max-age={transport['AccessControlMaxAgeSec']}"
        value += "; includeSubDomains" if transport.get("IncludeSubdomains") else ""
        value += "; preload" if transport.get("Preload") else ""
        found.append(("Strict-Transport-Security", value, transport["Override"]))
    return [PolicyHeader(name=name, value=value, override=override) for name, value, override in found]
