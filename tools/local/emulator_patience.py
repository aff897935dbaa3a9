"""Answers that give Terraform's HTTP client time to end its own request.

The emulator can answer in less than a millisecond after the last byte. If the client's thread is not
scheduled in between, it takes the answer for a premature one and closes the connection before it has read the
body; it sends the request again, and what is created already cannot be created twice. AWS is never that fast.
"""

import asyncio

from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    Scope,
)

PAUSE_SECONDS = 0.1
"""Some turns of a busy machine's scheduler."""
_WITH_BODY = ("POST", "PUT")


def unhurried(app: ASGIFramework) -> ASGIFramework:
    """The emulator, which waits a moment before it answers a request of Terraform that has a body."""

    async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def send_later(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start":
                await asyncio.sleep(PAUSE_SECONDS)
            await send(event)

        waits = scope["type"] == "http" and scope["method"] in _WITH_BODY and is_from_terraform(scope)
        await app(scope, receive, send_later if waits else send)

    return answer


def is_from_terraform(scope: HTTPScope) -> bool:
    """Whether Terraform's provider sent a request."""
    return any(name == b"user-agent" and b"Terraform/" in value for name, value in scope["headers"])
