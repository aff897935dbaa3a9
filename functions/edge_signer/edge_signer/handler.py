"""The entry point: an origin-request event in, the signed request out, never an exception."""

import os
from datetime import UTC, datetime
from typing import Any

from edge_event import (
    EdgeResult,
    EventError,
    OriginRequest,
    internal_error,
    parse_origin_request,
    pass_through,
    permanent_error,
)
from lambda_runtime import OutcomeLog, read_credentials

from edge_signer.errors import UnsignableError
from edge_signer.signing import names_object, region_of, signed

_UNSIGNABLE = "The path or the query string is no UTF-8, or too long."

_NOT_FOUND: EdgeResult = {
    "status": "404",
    "statusDescription": "Not Found",
    "headers": {"cache-control": [{"key": "Cache-Control", "value": "max-age=60"}]},
}

_log = OutcomeLog("edge_signer")


def lambda_handler(event: Any, context: Any) -> EdgeResult:
    """Handle an origin-request event of CloudFront.

    Returns:
        The signed request; the request as it came, where it does not go to S3 Object Lambda or is neither
        GET nor HEAD; 404 for one that names no object and 400 for one that cannot be signed, cached for a
        minute; 500 where signing fails, not to be cached.
    """
    try:
        request = parse_origin_request(event)
    except EventError as error:
        _log.write(context, "failed", error=error)
        return internal_error()
    try:
        region = region_of(request)
        if not region:
            return pass_through(request)
        return _signed(request, region) if names_object(request) else _NOT_FOUND
    except UnsignableError as error:
        _log.write(context, "refused", error=error, request_id=request.request_id)
        return permanent_error(400, "InvalidURI", _UNSIGNABLE)
    except Exception as error:  # noqa: BLE001 - unsigned, S3 would refuse it, and nobody would learn why
        _log.write(context, "failed", error=error, foreseen=False, request_id=request.request_id)
        return internal_error()


def _signed(request: OriginRequest, region: str) -> EdgeResult:
    credentials = read_credentials(os.environ)
    return signed(request, region=region, credentials=credentials, now=datetime.now(UTC))
