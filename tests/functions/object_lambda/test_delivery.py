"""WriteGetObjectResponse: the same requests as botocore's, and errors of S3."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from function_url import Response
from lambda_runtime import Deadline
from object_lambda.access_point import deliver, delivery_headers
from object_lambda.handler import lambda_handler
from object_lambda.s3 import S3Access
from s3_http import ConnectionPool, Request, TransientError
from s3_http import Response as S3Response
from sigv4 import Credentials

from tests.functions.context import LambdaContext
from tests.functions.object_lambda.conftest import AccessPointGet
from tests.functions.sdk import capture_sdk_request
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import open_proxy

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function
    from tests.libs.s3_http.fault_proxy import Fault, FaultProxy

WHOLE = Response(
    status=200,
    headers={
        "ETag": '"abc-123"',
        "Cache-Control": "max-age=60",
        "Expires": "Tue, 01 Jan 2069 00:00:00 GMT",
        "Last-Modified": "Sun, 01 Mar 2026 12:30:45 GMT",
        "Content-Type": "image/jpeg",
        "Accept-Ranges": "bytes",
        "Content-Language": "en",
        "Content-Disposition": "inline",
    },
    body=b"\xff\xd8example",
)
PART = Response(status=206, headers={"Content-Range": "bytes 0-1/9", "Content-Type": "image/gif"}, body=b"GI")
UNCHANGED = Response(status=304, headers={"ETag": '"abc-123"'})
REFUSED = Response(
    status=404,
    headers={"Cache-Control": "max-age=60", "Content-Range": "bytes */9"},
    code="NoSuchKey",
    message="The image does not exist.",
)

# The same responses as arguments of the AWS SDK.
SDK_ARGUMENTS: list[tuple[Response, dict[str, Any]]] = [
    (
        WHOLE,
        {
            "StatusCode": 200,
            "ETag": '"abc-123"',
            "CacheControl": "max-age=60",
            "Expires": datetime(2069, 1, 1, tzinfo=UTC),
            "LastModified": datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC),
            "ContentType": "image/jpeg",
            "AcceptRanges": "bytes",
            "ContentLanguage": "en",
            "ContentDisposition": "inline",
            "ContentLength": 9,
            "Body": b"\xff\xd8example",
        },
    ),
    (
        PART,
        {
            "StatusCode": 206,
            "ContentRange": "bytes 0-1/9",
            "ContentType": "image/gif",
            "ContentLength": 2,
            "Body": b"GI",
        },
    ),
    (UNCHANGED, {"StatusCode": 304, "ETag": '"abc-123"', "ContentLength": 0}),
    (
        REFUSED,
        {
            "StatusCode": 404,
            "ErrorCode": "NoSuchKey",
            "ErrorMessage": "The image does not exist.",
            "CacheControl": "max-age=60",
            "ContentLength": 0,
        },
    ),
]
ROLE = Credentials(
    access_key_id="ASIAEXAMPLE",
    secret_access_key="example-key",  # noqa: S106 - nothing is sent to AWS
    session_token="example-session",  # noqa: S106 - the same
)


def access(endpoint_url: str | None, seconds: float = 5) -> S3Access:
    return S3Access(
        credentials=ROLE,
        region="eu-west-1",
        endpoint_url=endpoint_url,
        ca_file=None,
        deadline=Deadline.after(seconds),
    )


def text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize(
    ("response", "arguments"), SDK_ARGUMENTS, ids=["whole", "part", "unchanged", "refused"]
)
def test_the_request_equals_that_of_the_sdk(
    response: Response, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours: list[tuple[ConnectionPool, Request]] = []

    def send(pool: ConnectionPool, request: Request, **_: Any) -> S3Response:
        ours.append((pool, request))
        return S3Response(status=200, headers={}, body=b"")

    monkeypatch.setattr(ConnectionPool, "send", send)
    deliver(response, "io-euw1-001", "token", access(None))
    ((pool, request),) = ours
    theirs = capture_sdk_request(
        "WriteGetObjectResponse", {"RequestRoute": "io-euw1-001", "RequestToken": "token"} | arguments
    )
    assert f"https://{pool.address.host}{request.path}" == theirs.url
    assert (request.method, request.body) == (theirs.method, arguments.get("Body", b""))
    assert request.headers["content-length"] == str(arguments["ContentLength"])
    assert {name.lower(): value for name, value in request.headers.items() if _is_forwarded(name)} == {
        name.lower(): text(value) for name, value in theirs.headers.items() if _is_forwarded(name)
    }
    assert request.headers["authorization"] == botocore_authorization(request)


def _is_forwarded(name: str) -> bool:
    return name.lower().startswith(("x-amz-fwd-", "x-amz-meta-", "x-amz-request-"))


def botocore_authorization(request: Request) -> str:
    """Return botocore's Authorization header for our request, at the time of that request."""
    sent = {name: value for name, value in request.headers.items() if name.startswith("x-amz-")}
    theirs = AWSRequest(method="POST", url=f"https://{request.headers['host']}{request.path}", headers=sent)
    theirs.context["timestamp"] = request.headers["x-amz-date"]
    auth = S3SigV4Auth(
        BotoCredentials(ROLE.access_key_id, ROLE.secret_access_key, ROLE.session_token),
        "s3-object-lambda",
        "eu-west-1",
    )
    signature = auth.signature(auth.string_to_sign(theirs, auth.canonical_request(theirs)), theirs)
    names = auth.signed_headers(auth.headers_to_sign(theirs))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(theirs)}, SignedHeaders={names}, Signature={signature}"


def test_an_error_has_only_code_and_message() -> None:
    response = Response(
        status=416, headers={"Content-Range": "bytes */9"}, code="InvalidRange", message="No."
    )
    headers = delivery_headers(response, "route", "token")
    assert not [name for name in headers if name.startswith("x-amz-fwd-header-")]


def test_another_endpoint_has_no_host_for_the_route(proxy: "FaultProxy") -> None:
    proxy.inject(faults.status(200))
    deliver(WHOLE, "io-euw1-001", "token", access(proxy.url))
    (request,) = proxy.requests
    assert request.headers["host"] == proxy.url.removeprefix("http://")
    assert (request.path, request.body) == ("/WriteGetObjectResponse", WHOLE.body)


@pytest.mark.parametrize(("status", "attempts"), [(500, 3), (503, 3), (400, 1), (403, 1)])
def test_only_transient_errors_of_s3_are_retried(
    function: "Function", cat: bytes, status: int, attempts: int
) -> None:
    function.upload("cat.jpg", cat)
    function.proxy.rules.clear()
    function.proxy.inject(faults.status(status, error="NotNow"), method="POST")
    event = AccessPointGet(function).event("cat.jpg", "", {})
    assert lambda_handler(event, LambdaContext(30)) == {"statusCode": 200}
    assert len(function.delivered_responses()) == attempts
    responded, undelivered = function.log()
    assert (responded["outcome"], undelivered["outcome"]) == ("responded", "undelivered")
    assert "NotNow" in undelivered["reason"]


def test_a_retry_delivers_the_same_response(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    function.proxy.rules.clear()
    function.proxy.inject(faults.status(503, error="SlowDown"), method="POST", times=1)
    function.proxy.inject(faults.status(200), method="POST")
    lambda_handler(AccessPointGet(function).event("cat.jpg", "", {}), LambdaContext(30))
    first, second = function.delivered_responses()
    assert first == second
    assert [line["outcome"] for line in function.log()] == ["responded"]


@pytest.mark.parametrize("fault", [faults.close, faults.reset, faults.hang], ids=lambda f: f.__name__)
def test_a_response_is_not_sent_again_if_the_result_is_lost(
    function: "Function", cat: bytes, fault: "Fault"
) -> None:
    function.upload("cat.jpg", cat)
    function.proxy.rules.clear()
    function.proxy.inject(fault, method="POST")
    event = AccessPointGet(function).event("cat.jpg", "", {})
    lambda_handler(event, LambdaContext(3.5))
    assert len(function.delivered_responses()) == 1
    assert [line["outcome"] for line in function.log()] == ["responded", "undelivered"]
    function.proxy.stopped.set()


def test_a_refused_connection() -> None:
    with open_proxy() as closed:
        url = closed.url
    with pytest.raises(TransientError, match="NotConnectedError"):
        deliver(WHOLE, "io-euw1-001", "token", access(url))
