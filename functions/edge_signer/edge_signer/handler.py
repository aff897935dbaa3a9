"""Entry point of the function: sign a request, or respond with an error."""

import os
from datetime import UTC, datetime
from typing import Any

from edge_event import (
    EdgeResult,
    EventError,
    internal_error,
    parse_origin_request,
    pass_through,
    permanent_error,
)
from lambda_runtime import OutcomeLog, read_credentials

from edge_signer.errors import UnsignableError
from edge_signer.signing import names_object, parse_region, sign_request

_log = OutcomeLog("edge_signer")


def lambda_handler(event: Any, context: Any) -> EdgeResult:
    """Return the result for an origin-request event of CloudFront. No exception leaves the function.

    The result is the signed request, the unchanged request if no signature is needed, or an error: 400 and
    404 are cached for a minute, 500 is not.
    """
    try:
        request = parse_origin_request(event)
    except EventError as error:
        _log.write(context, "failed", error=error)
        return internal_error()
    try:
        region = parse_region(request)
        if region is None:
            return pass_through(request)
        if not names_object(request):
            return permanent_error(404, "NoSuchKey", "The image does not exist.")
        credentials, now = read_credentials(os.environ), datetime.now(UTC)
        return sign_request(request, region=region, credentials=credentials, now=now)
    except UnsignableError as error:
        _log.write(context, "refused", error=error, request_id=request.request_id)
        return permanent_error(400, "InvalidURI", "The path or the query string is not UTF-8, or too long.")
    except Exception as error:  # noqa: BLE001 - an unsigned request would get a 403 that hides the cause
        _log.write(context, "failed", error=error, foreseen=False, request_id=request.request_id)
        return internal_error()
