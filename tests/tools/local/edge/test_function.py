"""Invoke the published version of a function."""

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tools.local.edge.errors import EdgeError, FunctionFailedError, FunctionLimitError, FunctionResultError
from tools.local.edge.function import PublishedVersion

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ARN = "arn:aws:lambda:us-east-1:000000000000:function:resize"
EVENT: dict[str, Any] = {"Records": [{"cf": {}}]}


def invoke(prepare: Callable[[Stubber], None]) -> object:
    client: LambdaClient = boto3.client(
        "lambda",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106  # nothing is sent
    )
    with Stubber(client) as stubber:
        prepare(stubber)
        return PublishedVersion(client, f"{ARN}:7").invoke(EVENT)


def payload(data: bytes, **more: Any) -> Callable[[Stubber], None]:
    def prepare(stubber: Stubber) -> None:
        body = StreamingBody(io.BytesIO(data), len(data))
        wanted = {"FunctionName": ARN, "Qualifier": "7", "Payload": json.dumps(EVENT)}
        stubber.add_response("invoke", {"StatusCode": 200, "Payload": body, **more}, wanted)

    return prepare


def test_the_version_of_the_distribution_runs() -> None:
    assert invoke(payload(b'{"uri": "/x"}')) == {"uri": "/x"}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"errorType": "Sandbox.Timedout", "errorMessage": "x"}, FunctionLimitError),
        ({"errorMessage": "2026-01-01T00:00:00Z id Task timed out after 30.00 seconds"}, FunctionLimitError),
        ({"errorType": "KeyError", "errorMessage": "'Records'"}, FunctionFailedError),
        ({"errorType": "Runtime.ImportModuleError", "errorMessage": "no module"}, FunctionFailedError),
        (None, FunctionFailedError),
    ],
)
def test_failures_of_the_function(data: object, error: type[EdgeError]) -> None:
    with pytest.raises(error):
        invoke(payload(json.dumps(data).encode(), FunctionError="Unhandled"))


def test_a_result_that_is_not_json() -> None:
    with pytest.raises(FunctionResultError):
        invoke(payload(b"{"))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("TooManyRequestsException", FunctionLimitError),
        ("ResourceNotFoundException", FunctionFailedError),
        ("AccessDeniedException", FunctionFailedError),
        ("ServiceException", FunctionFailedError),
    ],
)
def test_refusals_of_lambda(code: str, error: type[EdgeError]) -> None:
    with pytest.raises(error):
        invoke(lambda stubber: stubber.add_client_error("invoke", code))
