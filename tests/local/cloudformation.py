"""Validate CloudFront's documents against AWS's schemas, by cfn-lint.

The API and CloudFormation spell the same documents differently. The API's spelling is converted to a
template.
"""

import json
from typing import TYPE_CHECKING, Any

from tools.local.emulator.process import Emulator

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

type Documents = dict[str, list[Any]]

# Lists that are objects in CloudFormation as well.
_OBJECTS = ("CustomHeadersConfig", "RemoveHeadersConfig")
_COUNTED = ("Members", "OriginGroups", "StatusCodes")
_OBJECT_PREFIX = "AccessControl"
_NAMES = {
    "ACMCertificateArn": "AcmCertificateArn",
    "CustomHeaders": "OriginCustomHeaders",
    "IsIPV6Enabled": "IPV6Enabled",
    "OriginSslProtocols": "OriginSSLProtocols",
    "SSLSupportMethod": "SslSupportMethod",
}
# CloudFormation has no counterpart.
_OMITTED = ("CallerReference", "Quantity", "Staging")


def list_documents(emulator: Emulator) -> Documents:
    """Return the documents in CloudFront: resource type => documents in the API's spelling."""
    client: CloudFrontClient = emulator.session().client("cloudfront", endpoint_url=emulator.url)
    distributions = client.list_distributions()["DistributionList"].get("Items", [])
    policies = client.list_cache_policies(Type="custom")["CachePolicyList"].get("Items", [])
    requests = client.list_origin_request_policies(Type="custom")["OriginRequestPolicyList"].get("Items", [])
    headers = client.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    controls = client.list_origin_access_controls()["OriginAccessControlList"].get("Items", [])
    return {
        "Distribution": [
            client.get_distribution_config(Id=found["Id"])["DistributionConfig"] for found in distributions
        ],
        "CachePolicy": [found["CachePolicy"]["CachePolicyConfig"] for found in policies],
        "OriginRequestPolicy": [
            found["OriginRequestPolicy"]["OriginRequestPolicyConfig"] for found in requests
        ],
        "ResponseHeadersPolicy": [
            found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
            for found in headers.get("Items", [])
        ],
        "OriginAccessControl": [
            client.get_origin_access_control_config(Id=found["Id"])["OriginAccessControlConfig"]
            for found in controls
        ],
    }


def lint_documents(found: Documents) -> list[str]:
    """Return cfn-lint's findings."""
    from cfnlint.api import lint  # noqa: PLC0415  # a second, which only one worker should pay

    resources = {
        f"{kind}{number}": {
            "Type": f"AWS::CloudFront::{kind}",
            "Properties": {f"{kind}Config": _convert(config)},
        }
        for kind, configs in found.items()
        for number, config in enumerate(configs)
    }
    matches = lint(json.dumps({"Resources": resources}), regions=["us-east-1"])
    return [f"{'/'.join(map(str, match.path or []))}: {match.message}" for match in matches]


def _convert(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_convert(item) for item in value]
    if not isinstance(value, dict):
        return value
    if name == "AllowedMethods":
        return value["Items"]
    if name == "Restrictions":
        geo = value["GeoRestriction"]
        return {"GeoRestriction": {"RestrictionType": geo["RestrictionType"], "Locations": geo["Items"]}}
    if "Quantity" in value and name not in _OBJECTS and not name.startswith(_OBJECT_PREFIX):
        items = [_convert(item) for item in value.get("Items", [])]
        return {"Quantity": len(items), "Items": items} if name in _COUNTED else items
    kept = {key: item for key, item in value.items() if key not in _OMITTED and not _is_off(item)}
    result = {_NAMES.get(key, key): _convert(item, key) for key, item in kept.items()}
    if cached := value.get("AllowedMethods", {}).get("CachedMethods"):
        result["CachedMethods"] = cached["Items"]
    return result


def _is_off(value: object) -> bool:
    """Return True for a member without content: an empty text, an empty list, or a disabled feature."""
    if value == "":
        return True
    return isinstance(value, dict) and (value.get("Quantity") == 0 or value.get("Enabled") is False)
