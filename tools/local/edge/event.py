"""Lambda@Edge events for origin requests.

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
    """Return the event of an origin request.

    Args:
        distribution: distribution of the request.
        behavior: behavior that matches the request.
        request: request of the viewer, whose URI is copied unchanged.
        request_id: value of X-Amz-Cf-Id in the response.
        conditions: headers of `conditions.revalidation_headers` for an expired object.
    """
    config = {
        "distributionDomainName": distribution.domain_name,
        "distributionId": distribution.id,
        "eventType": "origin-request",
        "requestId": request_id,
    }
    uri = f"/{distribution.root_object}" if request.uri == "/" and distribution.root_object else request.uri
    event_request = {
        "clientIp": request.client_ip,
        "headers": make_event_headers(_headers(behavior, request, conditions)),
        "method": request.method,
        "origin": behavior.origin.to_event(),
        "querystring": forward_query(request.querystring, behavior.key_policy),
        "uri": uri,
    }
    return {"Records": [{"cf": {"config": config, "request": event_request}}]}


def _headers(behavior: Behavior, request: ViewerRequest, conditions: dict[str, str]) -> list[tuple[str, str]]:
    """Return the headers of the origin request: CloudFront's own, and those that the policies forward."""
    forwarded = ", ".join([*request.headers.getall("X-Forwarded-For", []), request.client_ip])
    encoding = normalize_accept_encoding(request, behavior.key_policy)
    names = sorted({*behavior.key_policy.header_names, *behavior.forwarded_headers})
    sent = [(name, value) for name in names for value in request.headers.getall(name, [])]
    return [
        ("X-Forwarded-For", forwarded),
        ("User-Agent", "Amazon CloudFront"),
        ("Via", VIA),
        ("Host", behavior.origin.domain_name),
        *([("Accept-Encoding", encoding)] if encoding else []),
        *((name.title(), value) for name, value in sent),
        *conditions.items(),
    ]
