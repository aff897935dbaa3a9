"""Events of CloudFront Functions for viewer requests.

Source: CloudFront Developer Guide, "CloudFront Functions event structure", version 1.0. Names and values of
parameters and cookies are copied as received, percent-encoded or not.
"""

from collections.abc import Iterable
from typing import Any

from tools.local.edge.function_result import is_disallowed_header
from tools.local.edge.messages import Headers, ViewerRequest

type ViewerEvent = dict[str, Any]
type Fields = dict[str, dict[str, Any]]


def viewer_request_event(
    request: ViewerRequest, *, distribution_id: str, domain_name: str, request_id: str
) -> ViewerEvent:
    """Return the event of a viewer request.

    Args:
        request: request of the viewer.
        distribution_id: ID of the distribution.
        domain_name: CloudFront's domain name of the distribution.
        request_id: value of X-Amz-Cf-Id in the response.
    """
    return {
        "version": "1.0",
        "context": {
            "distributionDomainName": domain_name,
            "distributionId": distribution_id,
            "eventType": "viewer-request",
            "requestId": request_id,
        },
        "viewer": {"ip": request.client_ip},
        "request": {
            "method": request.method,
            "uri": request.uri,
            "querystring": _group(_split(request.querystring, "&")),
            "headers": _group(_select_exposed(request.headers)),
            "cookies": _group(
                pair
                for cookie in request.headers.getall("Cookie", [])
                for pair in _split(cookie.replace("; ", ";"), ";")
            ),
        },
    }


def _select_exposed(headers: Headers) -> Iterable[tuple[str, str]]:
    """Return the headers that functions receive. Cookies have a field of their own."""
    names = ((name.lower(), value) for name, value in headers.items())
    return ((name, value) for name, value in names if name != "cookie" and not is_disallowed_header(name))


def _split(text: str, separator: str) -> Iterable[tuple[str, str]]:
    for part in text.split(separator):
        name, _, value = part.partition("=")
        if part:
            yield name, value


def _group(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Return name => value, with `multiValue` for a name that occurs more than once."""
    fields: Fields = {}
    for name, value in pairs:
        if name not in fields:
            fields[name] = {"value": value}
        else:
            field = fields[name]
            field.setdefault("multiValue", [{"value": field["value"]}]).append({"value": value})
    return fields
