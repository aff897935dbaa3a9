"""What MiniStack 1.5.33 leaves out of S3 Object Lambda, put in by `tools.local.emulator_boot`.

- Terraform reaches S3 Control at `http://ACCOUNT.s3-control.REGION.amazonaws.com`, with the emulator as its
  HTTP proxy: a request in the form of a proxy request is answered like any other.
- S3 Control says whether the policy of an access point is public: never, where MiniStack answers 404.
- The path of a signature for `s3-object-lambda` is encoded once, as for S3, where MiniStack encodes it twice:
  a key that needs percent-encoding would be refused though it is rightly signed.
- S3 Object Lambda acts for the caller: it invokes the function and lets it fetch the original with the
  caller's rights, and such requests have `aws:CalledVia`. MiniStack asks for no right to invoke and sets no
  key.
- A function learns the whole URL of the request, where MiniStack leaves out host and query string of a
  request to the alias of an access point.
- A function behind a URL gets the path as it was sent, percent-encoded, where MiniStack decodes it.
- The response of a function URL has the length of the body that the function returns, and a HEAD no body. A
  Content-Length of the function's own is renamed, where MiniStack sends it.
- An error of WriteGetObjectResponse keeps its headers, where MiniStack drops them. AWS's samples send some.
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

type Answer = tuple[int, dict[str, str], bytes]

SERVICE = "s3-object-lambda"
_PRINCIPAL = "s3-object-lambda.amazonaws.com"
_STATUS = (
    '<?xml version="1.0" encoding="UTF-8"?><{0} xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/">'
    "<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus></{0}>"
)

_via_object_lambda = ContextVar("via_object_lambda", default=False)
# What a function handed over with WriteGetObjectResponse for the request that is handled.
_delivered: ContextVar[dict[str, Any] | None] = ContextVar("delivered", default=None)
_path_as_sent = ContextVar("path_as_sent", default="")
# Signatures of the URLs that were handed to functions lately.
_handed_out: deque[str] = deque(maxlen=10_000)


def install() -> None:
    """Put everything in, once, before the emulator serves."""
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


def as_proxy(app: ASGIFramework) -> ASGIFramework:
    """The emulator as a proxy too, which notices the requests that Object Lambda lets a function make."""

    async def answer(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            if scope["raw_path"].startswith(b"http://"):
                scope["raw_path"] = urlsplit(scope["raw_path"]).path
                scope["path"] = unquote(scope["raw_path"].decode("ascii"))
            _path_as_sent.set(scope["raw_path"].decode("ascii"))
            signatures = parse_qs(scope["query_string"].decode("latin-1")).get("X-Amz-Signature", [])
            _via_object_lambda.set(any(signature in _handed_out for signature in signatures))
        await app(scope, receive, send)

    return answer


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
    _handed_out.append(url.rpartition("X-Amz-Signature=")[2])
    return url


async def _handle_request(  # noqa: PLR0913, PLR0917  # MiniStack's signature
    original: Callable[..., Awaitable[Answer]],
    record: dict[str, Any],
    region: str,
    method: str,
    key: str,
    headers: dict[str, str],
    body: bytes,
    query_params: dict[str, list[str]],
    url: str,
) -> Answer:
    operation = s3_object_lambda._operation(method, key, query_params)  # noqa: SLF001  # as above
    transformation = s3_object_lambda._transformation(record, operation) if operation else None  # noqa: SLF001  # as above
    if transformation:
        access_key = extract_access_key_id(headers, query_params)
        with _acting_for_the_caller():
            denied = iam_evaluator.enforce(
                access_key,
                "lambda:InvokeFunction",
                "lambda",
                region,
                resource_arn=transformation["FunctionArn"],
            )
        if denied is not None:
            refusal: Answer = s3._error("LambdaPermissionError", "Not allowed to invoke the function.", 403)  # noqa: SLF001  # as above
            return refusal
    if url.startswith("/"):
        query = urlencode(query_params, doseq=True)
        url = f"https://{headers['host']}/{key}" + (f"?{query}" if query else "")
    _delivered.set(None)
    status, sent, content = await original(record, region, method, key, headers, body, query_params, url)
    delivered = _delivered.get()
    if delivered and delivered["error"]:
        sent = {**sent, **delivered["headers"]}
    return status, sent, content


def _register(original: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    delivered = original(*arguments)
    _delivered.set(delivered)
    return delivered


@contextmanager
def _acting_for_the_caller() -> Iterator[None]:
    token = _via_object_lambda.set(True)
    try:
        yield
    finally:
        _via_object_lambda.reset(token)


async def _handle_lambda_url_request(
    original: Callable[..., Awaitable[Answer | None]],
    host: str,
    path: str,
    method: str,
    *rest: Any,
    **named: Any,
) -> Answer | None:
    if ".lambda-url." not in host:
        return await original(host, path, method, *rest, **named)
    answer = await original(host, _path_as_sent.get(), method, *rest, **named)
    if answer is None:
        return None
    status, headers, body = answer
    sent = {"Content-Length": str(len(body))}
    for name, value in headers.items():
        sent["x-amzn-Remapped-Content-Length" if name.lower() == "content-length" else name] = value
    return status, sent, b"" if method == "HEAD" else body


def _with_policy_status(
    original: Callable[..., Answer], element: str, method: str, path: str, *rest: Any
) -> Answer:
    answer = original(method, path, *rest)
    if method == "GET" and path.endswith("/policyStatus"):
        return 200, {"Content-Type": "application/xml"}, _STATUS.format(element).encode()
    return answer
