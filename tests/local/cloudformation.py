"""CloudFront's documents held against AWS's schemas, by cfn-lint.

The API and CloudFormation have the same documents in two spellings; here the API's becomes a template.
"""

import json
from typing import TYPE_CHECKING, Any

from cfnlint.api import lint

from tools.local.emulator.process import Emulator

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

type Documents = dict[str, list[Any]]

# Lists that stay objects in CloudFormation.
_STAY = ("OriginGroups", "CustomHeadersConfig", "RemoveHeadersConfig")
_STAY_PREFIX = "AccessControl"
_NAMES = {
    "ACMCertificateArn": "AcmCertificateArn",
    "CustomHeaders": "OriginCustomHeaders",
    "IsIPV6Enabled": "IPV6Enabled",
    "OriginSslProtocols": "OriginSSLProtocols",
    "SSLSupportMethod": "SslSupportMethod",
}
# A template names nothing of the caller's, and leaves out what is off.
_LEFT_OUT = ("CallerReference", "Quantity", "Staging")


def documents(emulator: Emulator) -> Documents:
    """Return what was created in CloudFront: type of the resource => documents as the API has them."""
    client: CloudFrontClient = emulator.session().client("cloudfront", endpoint_url=emulator.url)
    distributions = client.list_distributions()["DistributionList"].get("Items", [])
    policies = client.list_cache_policies(Type="custom")["CachePolicyList"].get("Items", [])
    headers = client.list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
    controls = client.list_origin_access_controls()["OriginAccessControlList"].get("Items", [])
    return {
        "Distribution": [
            client.get_distribution_config(Id=found["Id"])["DistributionConfig"] for found in distributions
        ],
        "CachePolicy": [found["CachePolicy"]["CachePolicyConfig"] for found in policies],
        "ResponseHeadersPolicy": [
            found["ResponseHeadersPolicy"]["ResponseHeadersPolicyConfig"]
            for found in headers.get("Items", [])
        ],
        "OriginAccessControl": [
            client.get_origin_access_control_config(Id=found["Id"])["OriginAccessControlConfig"]
            for found in controls
        ],
    }


def complaints(found: Documents) -> list[str]:
    """Return what cfn-lint has against documents."""
    resources = {
        f"{kind}{number}": {
            "Type": f"AWS::CloudFront::{kind}",
            "Properties": {f"{kind}Config": _converted(config)},
        }
        for kind, configs in found.items()
        for number, config in enumerate(configs)
    }
    matches = lint(json.dumps({"Resources": resources}), regions=["us-east-1"])
    return [f"{'/'.join(map(str, match.path or []))}: {match.message}" for match in matches]


def _converted(value: Any, name: str = "") -> Any:
    if isinstance(value, list):
        return [_converted(item) for item in value]
    if not isinstance(value, dict):
        return value
    if name == "AllowedMethods":
        return value["Items"]
    if name == "Restrictions":
        geo = value["GeoRestriction"]
        return {"GeoRestriction": {"RestrictionType": geo["RestrictionType"], "Locations": geo["Items"]}}
    if "Quantity" in value and name not in _STAY and not name.startswith(_STAY_PREFIX):
        return [_converted(item) for item in value.get("Items", [])]
    kept = {key: item for key, item in value.items() if key not in _LEFT_OUT and not _is_off(item)}
    result = {_NAMES.get(key, key): _converted(item, key) for key, item in kept.items()}
    if cached := value.get("AllowedMethods", {}).get("CachedMethods"):
        result["CachedMethods"] = cached["Items"]
    return result


def _is_off(value: object) -> bool:
    """Whether a member says that there is nothing: an empty text, an empty list, or what is not enabled."""
    if value == "":
        return True
    return isinstance(value, dict) and (value.get("Quantity") == 0 or value.get("Enabled") is False)
