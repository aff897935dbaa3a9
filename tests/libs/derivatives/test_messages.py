"""Messages to the function purge, through faults of SQS."""

import json
from collections.abc import Iterator

import pytest
from derivatives import Kind, PurgeQueue
from lambda_runtime import Deadline
from s3_http import ConnectionPool, RefusedError, RetryPolicy, parse_address
from sigv4 import Credentials

from tests.libs.s3_http.fault_proxy import Fault, FaultProxy, Handler, open_proxy
from tests.libs.s3_http.servers import REGION


def refuse(status: int, code: str) -> Fault:
    """Respond as SQS refuses a message (SQS developer guide, "JSON error response structure")."""
    body = json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": "no"}).encode()
    return lambda handler: handler.respond(status, {"Content-Length": str(len(body))}, body)


def accept(handler: Handler) -> None:
    body = json.dumps({"MessageId": "1"}).encode()
    handler.respond(200, {"Content-Length": str(len(body))}, body)


@pytest.fixture
def sqs() -> Iterator[FaultProxy]:
    with open_proxy() as proxy:
        yield proxy


@pytest.fixture
def queue(sqs: FaultProxy) -> Iterator[PurgeQueue]:
    connections = ConnectionPool(parse_address(sqs.url), retry_policy=RetryPolicy(30, 30, 3))
    yield PurgeQueue(
        url="https://sqs.eu-central-1.amazonaws.com/123456789012/purge",
        bucket="originals",
        connections=connections,
        credentials=Credentials("ASIAEXAMPLE", "example", "example"),
        region=REGION,
        deadline=Deadline.after(60),
    )
    connections.close()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "RequestThrottled"),
        (400, "RequestThrottled"),
        (400, "ThrottlingException"),
        (400, "KmsThrottled"),
    ],
)
def test_a_throttled_message_is_sent_again(
    sqs: FaultProxy, queue: PurgeQueue, status: int, code: str
) -> None:
    sqs.inject(refuse(status, code), times=2)
    sqs.inject(accept)

    queue.send("a.jpg", Kind.REPLACED, "regional_resize")

    assert sqs.methods() == ["POST"] * 3


def test_a_refused_message_is_an_error_with_its_code(sqs: FaultProxy, queue: PurgeQueue) -> None:
    sqs.inject(refuse(400, "QueueDoesNotExist"))

    with pytest.raises(RefusedError, match=r"SendMessage a\.jpg: 400 QueueDoesNotExist$"):
        queue.send("a.jpg", Kind.REPLACED, "regional_resize")

    assert sqs.methods() == ["POST"]
