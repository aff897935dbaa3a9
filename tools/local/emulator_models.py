"""Terraform's requests held against AWS's own models, where MiniStack 1.5.33 takes nearly everything.

What the models refuse is answered with 400 and every reason, so that `terraform apply` fails here as it would
on AWS. A request whose operation is in no model is refused too: nothing goes past the check.
"""

import json
import logging
from http import HTTPStatus
from xml.sax.saxutils import escape

from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)

from tools.local.aws_models import UnknownOperationError, WireRequest, find_call, parse, problems_of
from tools.local.emulator_patience import is_from_terraform

_log = logging.getLogger(__name__)


def refusing_what_aws_refuses(app: ASGIFramework) -> ASGIFramework:
    """The emulator, which checks a request of Terraform before it carries it out."""

    async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] != "http" or not is_from_terraform(scope):
            await app(scope, receive, send)
            return
        body = await _read(receive)
        request = _wire_request(scope, body)
        if problems := _problems(request):
            await _refuse(request, problems, send)
            return
        events = iter([_body_event(body)])

        async def replay() -> ASGIReceiveEvent:
            event = next(events, None)
            return event if event is not None else await receive()

        await app(scope, replay, send)

    return answer


def _problems(request: WireRequest) -> list[str]:
    try:
        call = find_call(request)
    except UnknownOperationError as error:
        return [str(error)]
    members, problems = parse(call)
    problems = [*problems, *problems_of(call, members)]
    _log.info("%s held against its model: %s", call, " ".join(problems) or "right")
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


def _wire_request(scope: HTTPScope, body: bytes) -> WireRequest:
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
    """Content type and body of an error, as the protocol of the request has it."""
    if "json" in request.headers.get("content-type", ""):
        return "application/json", json.dumps({"__type": "ValidationException", "message": message})
    error = f"<Error><Code>ValidationError</Code><Message>{escape(message)}</Message></Error>"
    # S3 has its errors bare.
    is_s3 = "/s3/aws4_request" in request.headers.get("authorization", "")
    return "application/xml", error if is_s3 else f"<ErrorResponse>{error}</ErrorResponse>"
