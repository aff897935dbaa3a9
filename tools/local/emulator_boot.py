"""Start MiniStack on a socket that is already bound: `python -m tools.local.emulator_boot FILE_DESCRIPTOR`.

The one place where MiniStack 1.5.33 is bridged:

- A request counts as TLS. Inside this machine the emulator is reached over plain HTTP, AWS over TLS. A bucket
  policy that refuses plain HTTP (`aws:SecureTransport`) would lock out everybody, CloudFront included.
- S3 hides from those who may not list a bucket that a key is missing: 403 AccessDenied, MiniStack says 404
  (S3 API reference, HeadObject and GetObject, "Permissions").
- CloudFront signs its requests with origin access control: see `tools.local.emulator_cloudfront`.
- S3 Object Lambda and the access points: see `tools.local.emulator_object_lambda`.
- Asynchronous invocations and alarms: see `tools.local.emulator_events`.
- Lists of object versions: see `tools.local.emulator_listing`.
- A plus in the path of a request to S3: see `tools.local.emulator_paths`.
- Limits that depend on what is there already: see `tools.local.emulator_limits`.
- Terraform's requests are held against AWS's own models: see `tools.local.emulator_models`.
- Terraform's requests are answered a moment later: see `tools.local.emulator_patience`.
"""

import asyncio
import os
import signal
import sys
import threading
from http import HTTPStatus

import ministack.app  # type: ignore[import-untyped]  # MiniStack has no type hints
from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.core import iam_evaluator  # type: ignore[import-untyped]  # MiniStack has no type hints
from ministack.core.iam_actions import (  # type: ignore[import-untyped]  # MiniStack has no type hints
    s3_access_point_resources,
)
from ministack.core.router import (  # type: ignore[import-untyped]  # MiniStack has no type hints
    detect_service,
    extract_access_key_id,
    extract_region,
)

from tools.local import (
    emulator_cloudfront,
    emulator_events,
    emulator_limits,
    emulator_listing,
    emulator_models,
    emulator_object_lambda,
    emulator_paths,
    emulator_patience,
)


def _pin_origin_as_tls(source_ip: str, secure_transport: bool) -> None:  # noqa: ARG001, FBT001  MiniStack's signature
    iam_evaluator.pin_request_origin(source_ip, secure_transport=True)


type _Answer = tuple[int, dict[str, str], bytes]
_dispatch = ministack.app._dispatch_service_request  # noqa: SLF001  # there is no public way in


async def _dispatch_silent_about_missing_keys(  # noqa: PLR0913, PLR0917  # MiniStack's signature
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]], request_id: str
) -> _Answer:
    answer: _Answer = await _dispatch(method, path, headers, body, query, request_id)
    bucket, _, key = path.removeprefix("/").partition("/")
    missing = answer[0] == HTTPStatus.NOT_FOUND and method in ("GET", "HEAD") and key
    if (
        not missing
        or detect_service(method, path, headers, query) != "s3"
        or _may_list(bucket, headers, query)
    ):
        return answer
    error = (
        b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        if method == "GET"
        else b""
    )
    return HTTPStatus.FORBIDDEN, answer[1], error


def _may_list(bucket: str, headers: dict[str, str], query: dict[str, list[str]]) -> bool:
    key_id, region = extract_access_key_id(headers, query), extract_region(headers, query)
    return all(
        iam_evaluator.enforce(
            key_id, "s3:ListBucket", "s3", region, resource_arn=arn, service_context=access_point
        )
        is None
        for arn, access_point in s3_access_point_resources(f"arn:aws:s3:::{bucket}")
    )


def _end_with_guard() -> None:
    """End the group when standard input ends, a pipe from the guard: the guard was killed."""
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Serve until SIGTERM. The caller bound the socket, so nobody can take the port in between."""
    threading.Thread(target=_end_with_guard, daemon=True).start()
    ministack.app.pin_request_origin = _pin_origin_as_tls
    ministack.app._dispatch_service_request = _dispatch_silent_about_missing_keys  # noqa: SLF001  # as above
    emulator_cloudfront.install()
    emulator_object_lambda.install()
    emulator_events.install()
    emulator_listing.install()
    emulator_limits.install()
    config = Config()
    config.bind = [f"fd://{int(sys.argv[1])}"]
    config.keep_alive_timeout = 75  # as MiniStack's own start
    app = emulator_paths.reading_plus_as_space(ministack.app.app)
    app = emulator_object_lambda.as_proxy(emulator_models.refusing_what_aws_refuses(app))
    app = emulator_patience.unhurried(app)
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    main()
