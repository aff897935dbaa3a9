"""WriteGetObjectResponse against botocore's, and what happens where it does not go well."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from lambda_runtime import Deadline
from object_lambda.access_point import deliver, delivery_headers
from object_lambda.answer import Answer
from object_lambda.handler import lambda_handler
from object_lambda.s3 import Access
from s3_http import ConnectionPool, Request, Response, TransientError
from sigv4 import Credentials

from tests.functions.object_lambda.conftest import Get, LambdaContext
from tests.functions.sdk import request_of_sdk
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import open_proxy

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function
    from tests.libs.s3_http.fault_proxy import Fault, FaultProxy

WHOLE = Answer(
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
    body=b"\xff\xd8picture",
)
PART = Answer(status=206, headers={"Content-Range": "bytes 0-1/9", "Content-Type": "image/gif"}, body=b"GI")
UNCHANGED = Answer(status=304, headers={"ETag": '"abc-123"'})
REFUSED = Answer(
    status=404,
    headers={"Cache-Control": "max-age=60", "Content-Range": "bytes */9"},
    code="NoSuchKey",
    sentence="The picture does not exist.",
)

# The same answers in the words of the AWS SDK.
IN_SDK: list[tuple[Answer, dict[str, Any]]] = [
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
            "Body": b"\xff\xd8picture",
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
            "ErrorMessage": "The picture does not exist.",
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


def access(endpoint_url: str | None, seconds: float = 5) -> Access:
    return Access(
        credentials=ROLE,
        region="eu-west-1",
        endpoint_url=endpoint_url,
        ca_file=None,
        deadline=Deadline.after(seconds),
    )


def text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize(("answer", "words"), IN_SDK, ids=["whole", "part", "unchanged", "refused"])
def test_the_sdk_says_the_same(
    answer: Answer, words: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours: list[tuple[ConnectionPool, Request]] = []

    def send(pool: ConnectionPool, request: Request, **_: Any) -> Response:
        ours.append((pool, request))
        return Response(status=200, headers={}, body=b"")

    monkeypatch.setattr(ConnectionPool, "send", send)
    deliver(answer, "io-euw1-001", "token", access(None))
    ((pool, request),) = ours
    theirs = request_of_sdk(
        "WriteGetObjectResponse", {"RequestRoute": "io-euw1-001", "RequestToken": "token"} | words
    )
    assert f"https://{pool.address.host}{request.path}" == theirs.url
    assert (request.method, request.body) == (theirs.method, words.get("Body", b""))
    assert request.headers["content-length"] == str(words["ContentLength"])
    assert {name.lower(): value for name, value in request.headers.items() if _told(name)} == {
        name.lower(): text(value) for name, value in theirs.headers.items() if _told(name)
    }
    assert request.headers["authorization"] == authorization_of_botocore(request)


def _told(name: str) -> bool:
    return name.lower().startswith(("x-amz-fwd-", "x-amz-meta-", "x-amz-request-"))


def authorization_of_botocore(request: Request) -> str:
    """The Authorization of botocore for our request, at the time that ours names."""
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


def test_an_error_has_nothing_but_code_and_message() -> None:
    answer = Answer(status=416, headers={"Content-Range": "bytes */9"}, code="InvalidRange", sentence="No.")
    headers = delivery_headers(answer, "route", "token")
    assert not [name for name in headers if name.startswith("x-amz-fwd-header-")]


def test_an_endpoint_in_place_of_aws_has_no_host_for_the_route(proxy: "FaultProxy") -> None:
    proxy.inject(faults.status(200))
    deliver(WHOLE, "io-euw1-001", "token", access(proxy.url))
    (request,) = proxy.requests
    assert request.headers["host"] == proxy.url.removeprefix("http://")
    assert (request.path, request.body) == ("/WriteGetObjectResponse", WHOLE.body)


@pytest.mark.parametrize(("status", "attempts"), [(500, 3), (503, 3), (400, 1), (403, 1)])
def test_what_s3_says_it_did_not_take(function: "Function", cat: bytes, status: int, attempts: int) -> None:
    function.upload("cat.jpg", cat)
    function.proxy.rules.clear()
    function.proxy.inject(faults.status(status, error="NotNow"), method="POST")
    event = Get(function).event("cat.jpg", "", {})
    assert lambda_handler(event, LambdaContext(30)) == {"statusCode": 200}
    assert len(function.answers()) == attempts
    answered, undelivered = function.log()
    assert (answered["outcome"], undelivered["outcome"]) == ("answered", "undelivered")
    assert "NotNow" in undelivered["reason"]


def test_a_second_attempt_that_is_taken(function: "Function", cat: bytes) -> None:
    function.upload("cat.jpg", cat)
    function.proxy.rules.clear()
    function.proxy.inject(faults.status(503, error="SlowDown"), method="POST", times=1)
    function.proxy.inject(faults.status(200), method="POST")
    lambda_handler(Get(function).event("cat.jpg", "", {}), LambdaContext(30))
    first, second = function.answers()
    assert first == second
    assert [line["outcome"] for line in function.log()] == ["answered"]


@pytest.mark.parametrize("fault", [faults.close, faults.reset, faults.hang], ids=lambda f: f.__name__)
def test_an_answer_whose_reply_is_lost_is_not_sent_again(
    function: "Function", cat: bytes, fault: "Fault"
) -> None:
    function.upload("cat.jpg", cat)
    function.proxy.rules.clear()
    function.proxy.inject(fault, method="POST")
    event = Get(function).event("cat.jpg", "", {})
    lambda_handler(event, LambdaContext(3.5))
    assert len(function.answers()) == 1
    assert [line["outcome"] for line in function.log()] == ["answered", "undelivered"]
    function.proxy.stopped.set()


def test_nothing_was_sent_where_there_is_no_connection() -> None:
    with open_proxy() as gone:
        url = gone.url
    with pytest.raises(TransientError, match="NotConnectedError"):
        deliver(WHOLE, "io-euw1-001", "token", access(url))
