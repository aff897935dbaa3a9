"""Bridges for S3 Object Lambda, access points and function URLs, compared with MiniStack 1.5.33.

- Terraform reaches S3 Control at `http://ACCOUNT.s3-control.REGION.amazonaws.com` with the emulator as HTTP
  proxy, so that requests in proxy form are accepted.
- S3 Control reports the policy of an access point as not public. MiniStack responds with 404.
- The path in a signature for `s3-object-lambda` is encoded once, as for S3. MiniStack encodes the path twice
  and rejects correct signatures of keys that need percent-encoding.
- S3 Object Lambda acts on behalf of the caller: it invokes the function and serves the original with the
  caller's permissions, and such requests have the condition key `aws:CalledVia`. MiniStack does not check the
  permission to invoke and does not set the key.
- The event contains the whole URL of the request. MiniStack omits host and query string if the request uses
  the alias of an access point.
- A function URL passes the path on as sent, percent-encoded. MiniStack decodes the path.
- A function URL sends the length of the body that the function returns, and no body for a HEAD request. The
  function's own Content-Length is renamed. MiniStack sends the latter.
- An error of WriteGetObjectResponse keeps its headers, which AWS's samples set. MiniStack drops the headers.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import ministack.app  # type: ignore[import-untyped]  # MiniStack has no type hints
from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, Scope
from ministack.core import iam_evaluator, sigv4  # type: ignore[import-untyped]  # as above
from ministack.core.router import extract_access_key_id  # type: ignore[import-untyped]  # as above
from ministack.services import s3, s3_object_lambda  # type: ignore[import-untyped]  # as above

from tools.local.emulator.names import Response

SERVICE = "s3-object-lambda"
_PRINCIPAL = "s3-object-lambda.amazonaws.com"
_STATUS = (
    '<?xml version="1.0" encoding="UTF-8"?><{0} xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">'
    "<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus></{0}>"
)

_via_object_lambda = ContextVar("via_object_lambda", default=False)
# Arguments of WriteGetObjectResponse for the current request.
_written_response: ContextVar[dict[str, Any] | None] = ContextVar("delivered", default=None)
_path_as_sent = ContextVar("path_as_sent", default="")
# Signatures of the latest presigned URLs in events.
_issued_signatures: deque[str] = deque(maxlen=10_000)


def install() -> None:
    """Patch MiniStack with the functions of this module. Call once, before the emulator serves."""
    sigv4.header_signing_documents = partial(_signing_documents, sigv4.header_signing_documents)
    iam_evaluator.enforce = partial(_enforce, iam_evaluator.enforce)
    s3_object_lambda._presign = partial(_presign, s3_object_lambda._presign)  # noqa: SLF001  # there is no public way in
    s3_object_lambda._register = partial(_register, s3_object_lambda._register)  # noqa: SLF001  # as above
    s3_object_lambda.handle_request = partial(_handle_request, s3_object_lambda.handle_request)
    ministack.app._handle_lambda_url_request = partial(  # noqa: SLF001  # as above
        _handle_lambda_url_request,
        ministack.app._handle_lambda_url_request,  # noqa: SLF001  # as above
    )
    s3.handle_access_point_control = partial(
        _with_policy_status, s3.handle_access_point_control, "GetAccessPointPolicyStatusResult"
    )
    s3.handle_object_lambda_control = partial(
        _with_policy_status,
        s3.handle_object_lambda_control,
        "GetAccessPointPolicyStatusForObjectLambdaResult",
    )


def accept_proxy_requests(app: ASGIFramework) -> ASGIFramework:
    """Wrap the emulator to serve proxy requests and to detect requests made through Object Lambda."""

    async def handle(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            if scope["raw_path"].startswith(b"http://"):
                scope["raw_path"] = urlsplit(scope["raw_path"]).path
                scope["path"] = unquote(scope["raw_path"].decode("ascii"))
            _path_as_sent.set(scope["raw_path"].decode("ascii"))
            signatures = parse_qs(scope["query_string"].decode("latin-1")).get("X-Amz-Signature", [])
            _via_object_lambda.set(any(signature in _issued_signatures for signature in signatures))
        await app(scope, receive, send)

    return handle


def _signing_documents(
    original: Callable[..., tuple[str, str]], signature: Any, *rest: Any, **named: Any
) -> tuple[str, str]:
    if signature.service != SERVICE:
        return original(signature, *rest, **named)
    canonical, _ = original(replace(signature, service="s3"), *rest, **named)
    scope = (signature.amz_date, signature.date_stamp, signature.region, SERVICE)
    return canonical, sigv4.build_string_to_sign(*scope, canonical)


def _enforce(  # noqa: PLR0913, PLR0917  # MiniStack's signature
    original: Callable[..., object],
    access_key_id: str,
    iam_action: str,
    service: str,
    region: str,
    resource_arn: str = "*",
    service_context: Mapping[str, Any] | None = None,
) -> object:
    called_via = {"aws:CalledVia": [_PRINCIPAL]} if _via_object_lambda.get() else {}
    context = {**(service_context or {}), **called_via}
    return original(
        access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=context
    )


def _presign(original: Callable[..., str], *arguments: Any) -> str:
    url = original(*arguments)
    _issued_signatures.append(url.rpartition("X-Amz-Signature=")[2])
    return url


async def _handle_request(  # noqa: PLR0913, PLR0917  # MiniStack's signature
    original: Callable[..., Awaitable[Response]],
    record: dict[str, Any],
    region: str,
    method: str,
    key: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, list[str]],
    url: str,
) -> Response:
    operation = s3_object_lambda._operation(method, key, query_params)  # noqa: SLF001  # as above
    transformation = s3_object_lambda._transformation(record, operation) if operation else None  # noqa: SLF001  # as above
    if transformation:
        access_key = extract_access_key_id(headers, query_params)
        with _on_behalf_of_caller():
            denied = iam_evaluator.enforce(
                access_key,
                "lambda:InvokeFunction",
                "lambda",
                region,
                resource_arn=transformation["FunctionArn"],
            )
        if denied is not None:
            refusal: Response = s3._error("LambdaPermissionError", "Not allowed to invoke the function.", 403)  # noqa: SLF001  # as above
            return refusal
    if url.startswith("/"):
        query = urlencode(query_params, doseq=True)
        url = f"https://{headers['host']}/{key}" + (f"?{query}" if query else "")
    _written_response.set(None)
    status, sent, content = await original(record, region, method, key, headers, body, query_params, url)
    delivered = _written_response.get()
    if delivered and delivered["error"]:
        sent = {**sent, **delivered["headers"]}
    return status, sent, content


def _register(original: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    delivered = original(*arguments)
    _written_response.set(delivered)
    return delivered


@contextmanager
def _on_behalf_of_caller() -> Iterator[None]:
    token = _via_object_lambda.set(True)
    try:
        yield
    finally:
        _via_object_lambda.reset(token)


async def _handle_lambda_url_request(
    original: Callable[..., Awaitable[Response | None]],
    host: str,
    path: str,
    method: str,
    *rest: Any,
    **named: Any,
) -> Response | None:
    if ".lambda-url." not in host:
        return await original(host, path, method, *rest, **named)
    response = await original(host, _path_as_sent.get(), method, *rest, **named)
    if response is None:
        return None
    status, headers, body = response
    sent = {"Content-Length": str(len(body))}
    for name, value in headers.items():
        sent["x-amzn-Remapped-Content-Length" if name.lower() == "content-length" else name] = value
    return status, sent, b"" if method == "HEAD" else body


def _with_policy_status(
    original: Callable[..., Response], element: str, method: str, path: str, *rest: Any
) -> Response:
    response = original(method, path, *rest)
    if method == "GET" and path.endswith("/policyStatus"):
        return 200, {"Content-Type": "application/xml"}, _STATUS.format(element).encode()
    return response
