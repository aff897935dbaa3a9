"""The event that CloudFront sends to a function on an origin request.

Source: CloudFront Developer Guide, "Lambda@Edge event structure".
"""

from typing import Any

from tools.local.edge.cache_key import forward_query, normalize_accept_encoding
from tools.local.edge.distribution import Behavior, Distribution
from tools.local.edge.messages import ViewerRequest, make_event_headers
from tools.local.edge.response_headers import VIA

type Event = dict[str, Any]


def origin_request_event(
    distribution: Distribution,
    behavior: Behavior,
    request: ViewerRequest,
    *,
    request_id: str,
    conditions: dict[str, str],
) -> Event:
    """The event of one request to the origin.

    Args:
        distribution: the one the viewer asked.
        behavior: the one that matched.
        request: from the viewer; its uri goes into the event as it came.
        request_id: also the X-Amz-Cf-Id of the response.
        conditions: headers of `conditions.revalidation_headers` for an expired object.
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
        "headers": make_event_headers(_headers(behavior, request, conditions)),
        "method": request.method,
        "origin": behavior.origin.to_event(),
        "querystring": forward_query(request.querystring, behavior.key_policy),
        "uri": uri,
    }
    return {"Records": [{"cf": {"config": config, "request": described}}]}


def _headers(behavior: Behavior, request: ViewerRequest, conditions: dict[str, str]) -> list[tuple[str, str]]:
    """What CloudFront is about to send to an origin: its own headers, and those of the cache key."""
    forwarded = ", ".join([*request.headers.getall("X-Forwarded-For", []), request.client_ip])
    encoding = normalize_accept_encoding(request, behavior.key_policy)
    keyed = [(n, v) for n in behavior.key_policy.header_names for v in request.headers.getall(n, [])]
    return [
        ("X-Forwarded-For", forwarded),
        ("User-Agent", "Amazon CloudFront"),
        ("Via", VIA),
        ("Host", behavior.origin.domain_name),
        *([("Accept-Encoding", encoding)] if encoding else []),
        *((name.title(), value) for name, value in keyed),
        *conditions.items(),
    ]
