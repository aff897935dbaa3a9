"""Who is answered at once, and who a moment later."""

import asyncio
from typing import Any

import pytest

from tools.local.emulator_patience import PAUSE_SECONDS, unhurried

TERRAFORM = b"APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) aws-sdk-go-v2"


@pytest.mark.parametrize(
    ("method", "agent", "waits"),
    [
        ("POST", TERRAFORM, True),
        ("PUT", TERRAFORM, True),
        ("GET", TERRAFORM, False),
        ("PUT", b"Boto3/1.40 md/Botocore", False),
    ],
)
def test_only_requests_of_terraform_with_a_body_wait(
    monkeypatch: pytest.MonkeyPatch, method: str, agent: bytes, *, waits: bool
) -> None:
    seen: list[Any] = []

    async def sleep(seconds: float) -> None:
        seen.append(seconds)

    async def emulator(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001  # ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send(event: Any) -> None:
        seen.append(event["type"])

    monkeypatch.setattr(asyncio, "sleep", sleep)
    scope: Any = {"type": "http", "method": method, "headers": [(b"host", b"s3"), (b"user-agent", agent)]}
    asyncio.run(unhurried(emulator)(scope, None, send))  # type: ignore[arg-type]  # nobody reads, two are sent
    assert seen == [PAUSE_SECONDS] * waits + ["http.response.start", "http.response.body"]
