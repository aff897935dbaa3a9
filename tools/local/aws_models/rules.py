"""Rules of AWS that its models do not express."""

from collections.abc import Callable, Iterator
from typing import Any

# CloudFront Developer Guide, "Create a custom error page for specific HTTP status codes" and "Change response
# codes returned by CloudFront".
_ERROR_CODES = frozenset({400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504})


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


RULES: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "cloudfront:CreateCachePolicy": _check_cache_policy,
    "cloudfront:UpdateCachePolicy": _check_cache_policy,
    "cloudfront:CreateDistribution": _check_distribution,
    "cloudfront:CreateDistributionWithTags": _check_distribution,
    "cloudfront:UpdateDistribution": _check_distribution,
}
"""Operation => additional check of members that conform to the model."""
