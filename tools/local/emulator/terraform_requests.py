"""Bridges for Terraform: validate requests against AWS's models, and delay responses.

- MiniStack 1.5.33 accepts most requests. The bridge responds with 400 and all problems that AWS's models
  find, so that `terraform apply` fails as on AWS. Requests of unknown operations are rejected too: no request
  bypasses the check.
- MiniStack can respond within a millisecond of the last byte. If the client's thread is not scheduled in
  between, Go's HTTP client treats the response as premature and closes the connection before the body was
  read. Terraform then retries, and the resource exists already. AWS is never that fast.
"""

import asyncio
import json
import logging
from http import HTTPStatus
from xml.sax.saxutils import escape

from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)

from tools.local.aws_models import UnknownOperationError, WireRequest, find_call, find_problems, parse

PAUSE_SECONDS = 0.1
"""A few turns of a busy machine's scheduler."""
_METHODS_WITH_BODY = ("POST", "PUT")

_log = logging.getLogger(__name__)


def validate_requests(app: ASGIFramework) -> ASGIFramework:
    """Wrap the emulator to validate requests of Terraform before they are executed."""

    async def handle(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or not _is_from_terraform(scope):
            await app(scope, receive, send)
            return
        body = await _read(receive)
        request = _to_wire_request(scope, body)
        if problems := _find_problems(request):
            await _refuse(request, problems, send)
            return
        events = iter([_body_event(body)])

        async def replay() -> ASGIReceiveEvent:
            event = next(events, None)
            return event if event is not None else await receive()

        await app(scope, replay, send)

    return handle


def delay_responses(app: ASGIFramework) -> ASGIFramework:
    """Wrap the emulator to wait before it responds to a Terraform request with a body."""

    async def handle(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def send_later(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start":
                await asyncio.sleep(PAUSE_SECONDS)
            await send(event)

        is_delayed = (
            scope["type"] == "http" and scope["method"] in _METHODS_WITH_BODY and _is_from_terraform(scope)
        )
        await app(scope, receive, send_later if is_delayed else send)

    return handle


def _is_from_terraform(scope: HTTPScope) -> bool:
    return any(name == b"user-agent" and b"Terraform/" in value for name, value in scope["headers"])


def _find_problems(request: WireRequest) -> list[str]:
    try:
        call = find_call(request)
    except UnknownOperationError as error:
        return [str(error)]
    members, problems = parse(call)
    problems = [*problems, *find_problems(call, members)]
    _log.info("%s against its model: %s", call, " ".join(problems) or "valid")
    return [f"{call}: {problem}" for problem in problems]


async def _read(receive: ASGIReceiveCallable) -> bytes:
    parts = []
    while (event := await receive())["type"] == "http.request":
        parts.append(event["body"])
        if not event["more_body"]:
            break
    return b"".join(parts)


def _body_event(body: bytes) -> ASGIReceiveEvent:
    return {"type": "http.request", "body": body, "more_body": False}


def _to_wire_request(scope: HTTPScope, body: bytes) -> WireRequest:
    return WireRequest(
        method=scope["method"],
        path=scope["raw_path"].decode("ascii"),
        querystring=scope["query_string"].decode("latin-1"),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        body=body,
    )


async def _refuse(request: WireRequest, problems: list[str], send: ASGISendCallable) -> None:
    kind, body = _error(request, " ".join(problems))
    headers = [(b"content-type", kind.encode())]
    await send({"type": "http.response.start", "status": HTTPStatus.BAD_REQUEST, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode(), "more_body": False})


def _error(request: WireRequest, message: str) -> tuple[str, str]:
    """Return content type and body of an error in the protocol of the request."""
    if "json" in request.headers.get("content-type", ""):
        return "application/json", json.dumps({"__type": "ValidationException", "message": message})
    error = f"<Error><Code>ValidationError</Code><Message>{escape(message)}</Message></Error>"
    # S3 does not wrap errors in an ErrorResponse element.
    is_s3 = "/s3/aws4_request" in request.headers.get("authorization", "")
    return "application/xml", error if is_s3 else f"<ErrorResponse>{error}</ErrorResponse>"
