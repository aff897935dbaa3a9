"""Rules of AWS that its models do not express."""

from collections.abc import Callable, Iterator
from typing import Any

# CloudFront Developer Guide, "Create a custom error page for specific HTTP status codes" and "Change response
# codes returned by CloudFront".
_ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})

FAILOVER_STATUSES = frozenset({400, 403, 404, 416, 429, 500, 502, 503, 504})
"""Statuses that an origin group may list. Source: CloudFront Developer Guide, "Create an origin group"."""
_FAILOVER_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_GROUP_MEMBERS = 2


def _check_cache_policy(members: dict[str, Any]) -> Iterator[str]:
    """A policy whose TTLs are all 0 must have an empty cache key.

    Source: https://github.com/pulumi/docs/pull/18475 and https://github.com/aws/aws-cdk/issues/12461.
    """
    config = members["CachePolicyConfig"]
    if any(config.get(name, 1) for name in ("MinTTL", "DefaultTTL", "MaxTTL")):
        return
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    used = {
        "EnableAcceptEncodingGzip": key["EnableAcceptEncodingGzip"],
        "EnableAcceptEncodingBrotli": key.get("EnableAcceptEncodingBrotli", False),
        "HeaderBehavior": key["HeadersConfig"]["HeaderBehavior"] != "none",
        "CookieBehavior": key["CookiesConfig"]["CookieBehavior"] != "none",
        "QueryStringBehavior": key["QueryStringsConfig"]["QueryStringBehavior"] != "none",
    }
    for name, is_used in used.items():
        if is_used:
            yield f"The parameter {name} is invalid for policy with caching disabled."


def _check_distribution(members: dict[str, Any]) -> Iterator[str]:
    config = members.get("DistributionConfig") or members["DistributionConfigWithTags"]["DistributionConfig"]
    yield from _check_error_responses(config)
    yield from _check_origins(config)
    yield from _check_origin_groups(config)


def _check_error_responses(config: dict[str, Any]) -> Iterator[str]:
    for error in config.get("CustomErrorResponses", {}).get("Items", []):
        code, page, response = error["ErrorCode"], error.get("ResponsePagePath"), error.get("ResponseCode")
        if code not in _ERROR_CODES:
            yield f"CloudFront has no custom error response for {code}."
        if bool(page) != bool(response):
            yield f"The custom error response for {code} needs a page path and a response code, or neither."
        if page and not page.startswith("/"):
            yield f"The page path of the custom error response for {code} starts with a slash, not {page!r}."
        if response and response not in {"200", *map(str, _ERROR_CODES)}:
            yield f"CloudFront does not turn an error into {response}."


def _check_origins(config: dict[str, Any]) -> Iterator[str]:
    """Check the origins that CloudFront signs requests for.

    Source: CloudFront Developer Guide, "Restrict access to an AWS Lambda function URL origin" and "Restrict
    access to an Amazon S3 origin".
    """
    for origin in config["Origins"]["Items"]:
        if not origin.get("OriginAccessControlId"):
            continue
        name, custom = origin["Id"], origin.get("CustomOriginConfig")
        if "S3OriginConfig" in origin:
            if origin["S3OriginConfig"].get("OriginAccessIdentity"):
                yield f"The origin {name} has an origin access control and an origin access identity."
        elif not origin["DomainName"].endswith(".on.aws") or not custom:
            yield f"CloudFront signs requests to S3 and function URLs, not to {origin['DomainName']}."
        elif custom["OriginProtocolPolicy"] != "https-only":
            yield f"CloudFront reaches the function URL of the origin {name} by https-only."


def _check_origin_groups(config: dict[str, Any]) -> Iterator[str]:
    """Check the origin groups and the behaviors that use them.

    Source: CloudFront Developer Guide, "Optimize high availability with CloudFront origin failover" and
    "Create an origin group".
    """
    origins = {origin["Id"] for origin in config["Origins"]["Items"]}
    groups = config.get("OriginGroups", {}).get("Items", [])
    names = {group["Id"] for group in groups}
    for name in sorted(names & origins):
        yield f"{name} is the ID of an origin and of an origin group."
    for group in groups:
        name, statuses = group["Id"], set(group["FailoverCriteria"]["StatusCodes"]["Items"])
        members = [member["OriginId"] for member in group["Members"]["Items"]]
        if len(set(members)) != _GROUP_MEMBERS or not set(members) <= origins:
            yield f"The origin group {name} needs two different origins, not {', '.join(members)}."
        if not statuses or not statuses <= FAILOVER_STATUSES:
            refused = ", ".join(map(str, sorted(statuses - FAILOVER_STATUSES))) or "no status"
            yield f"The origin group {name} cannot fail over on {refused}."
    for behavior in (config["DefaultCacheBehavior"], *config.get("CacheBehaviors", {}).get("Items", [])):
        target, methods = behavior["TargetOriginId"], set(behavior.get("AllowedMethods", {}).get("Items", []))
        if target not in origins | names:
            yield f"There is no origin or origin group {target}."
        if target in names and methods - _FAILOVER_METHODS:
            refused = ", ".join(sorted(methods - _FAILOVER_METHODS))
            yield f"A behavior with the origin group {target} cannot allow {refused}."


RULES: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "cloudfront:CreateCachePolicy": _check_cache_policy,
    "cloudfront:UpdateCachePolicy": _check_cache_policy,
    "cloudfront:CreateDistribution": _check_distribution,
    "cloudfront:CreateDistributionWithTags": _check_distribution,
    "cloudfront:UpdateDistribution": _check_distribution,
}
"""Operation => additional check of members that conform to the model."""
