"""The event that CloudFront sends to a function on an origin request.

Source: CloudFront Developer Guide, "Lambda@Edge event structure".
"""

from typing import Any

from tools.local.edge.cache_key import accept_encoding, forwarded_query
from tools.local.edge.distribution import Behavior, CustomOrigin, Distribution, S3Origin
from tools.local.edge.messages import ViewerRequest
from tools.local.edge.response_headers import VIA

type Event = dict[str, Any]


def origin_request_event(
    distribution: Distribution,
    behavior: Behavior,
    request: ViewerRequest,
    *,
    request_id: str,
    validators: dict[str, str],
) -> Event:
    """The event of one request to the origin.

    Args:
        distribution: the one the viewer asked.
        behavior: the one that matched.
        request: from the viewer; its uri goes into the event as it came.
        request_id: also the X-Amz-Cf-Id of the answer.
        validators: conditional headers for an expired object, see `conditions.validators`.
    """
    config = {
        "distributionDomainName": distribution.domain_name,
        "distributionId": distribution.id,
        "eventType": "origin-request",
        "requestId": request_id,
    }
    uri = f"/{distribution.root_object}" if request.uri == "/" and distribution.root_object else request.uri
    described = {
        "clientIp": request.client_ip,
        "headers": _header_map(_headers(behavior, request, validators)),
        "method": request.method,
        "origin": _origin(behavior.origin),
        "querystring": forwarded_query(request.querystring, behavior.key_policy),
        "uri": uri,
    }
    return {"Records": [{"cf": {"config": config, "request": described}}]}


def _headers(behavior: Behavior, request: ViewerRequest, validators: dict[str, str]) -> list[tuple[str, str]]:
    """What CloudFront is about to send to an origin: its own headers, and those of the cache key."""
    forwarded = ", ".join([*request.headers.getall("X-Forwarded-For", []), request.client_ip])
    encoding = accept_encoding(request, behavior.key_policy)
    keyed = [(n, v) for n in behavior.key_policy.header_names for v in request.headers.getall(n, [])]
    return [
        ("X-Forwarded-For", forwarded),
        ("User-Agent", "Amazon CloudFront"),
        ("Via", VIA),
        ("Host", behavior.origin.domain_name),
        *([("Accept-Encoding", encoding)] if encoding else []),
        *((name.title(), value) for name, value in keyed),
        *validators.items(),
    ]


def _header_map(headers: list[tuple[str, str]]) -> dict[str, list[dict[str, str]]]:
    result: dict[str, list[dict[str, str]]] = {}
    for name, value in headers:
        result.setdefault(name.lower(), []).append({"key": name, "value": value})
    return result


def _origin(origin: S3Origin | CustomOrigin) -> dict[str, object]:
    """An origin. With origin access control the event of an S3 origin names neither a method nor a Region."""
    described: dict[str, object] = {
        "customHeaders": _header_map(list(origin.custom_headers)),
        "domainName": origin.domain_name,
        "path": origin.path,
    }
    if isinstance(origin, S3Origin):
        return {"s3": described | {"authMethod": "none", "region": ""}}
    https = {"port": 443, "protocol": "https", "sslProtocols": ["TLSv1.2"]}
    return {"custom": described | https | {"keepaliveTimeout": 5, "readTimeout": 30}}
