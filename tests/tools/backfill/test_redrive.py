"""`invoke redrive`: the failure queue back through the function."""

import json
from typing import Any
from urllib.parse import quote_plus

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tests.tools.backfill.conftest import FUNCTION_ARN, PREFIX, REGION, Library
from tools.backfill import redrive
from tools.backfill.failure_queue import FailureQueue
from tools.backfill.redrive import Summary, redriven
from tools.console import ToolError


def event_of(library: Library, name: str) -> dict[str, Any]:
    bucket, key = library.deployment.source_bucket, quote_plus(f"{PREFIX}{name}", safe="/")
    return {"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]}


def record_of_aws(event: Any) -> dict[str, Any]:
    """Lambda developer guide, "Retaining records of asynchronous invocations", the example."""
    return {
        "version": "1.0",
        "timestamp": "2026-11-14T18:16:05.568Z",
        "requestContext": {
            "requestId": "e4b46cbf-b738-xmpl-8880-a18cdf61200e",
            "functionArn": f"{FUNCTION_ARN}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": event,
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {"errorMessage": "1 of 1 records failed"},
    }


def record_of_the_emulator(event: Any) -> dict[str, Any]:
    """As MiniStack writes it."""
    record = record_of_aws(event)
    del record["version"], record["timestamp"], record["requestContext"]["requestId"]
    return record


def too_old(event: Any) -> dict[str, Any]:
    """An event for which there was no room for hours: the function never saw it."""
    record = record_of_aws(event)
    del record["responseContext"], record["responsePayload"]
    record["requestContext"] |= {"condition": "EventAgeExceeded", "approximateInvokeCount": 0}
    return record


def send(library: Library, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    library.target.queues.send_message(QueueUrl=library.deployment.failure_queue_url, MessageBody=text)


def waiting(library: Library) -> int:
    """How many messages anybody would receive now."""
    return FailureQueue(library.target.queues, library.deployment.failure_queue_url).count()[0]


@pytest.mark.parametrize("record", [record_of_aws, record_of_the_emulator, too_old])
def test_the_cause_is_gone(library: Library, record: Any, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"é {number}+.png" for number in range(23)]
    for name in names:
        library.put(name)
        send(library, record(event_of(library, name)))

    summary = redriven(library.target)

    assert (summary.done, summary.reasons, summary.hidden) == (23, [], 0)
    assert str(summary) == "23 events: 23 done, 0 failed again and are back in the queue."
    assert library.keys(library.deployment.destination_bucket) == set(names)
    assert FailureQueue(library.target.queues, library.deployment.failure_queue_url).count() == (0, 0)
    assert "23/23" in capsys.readouterr().err


def test_some_fail_again(library: Library) -> None:
    for number in range(14):
        library.put(f"{number}.png", b"no picture" if number % 5 == 3 else None)
        send(library, record_of_aws(event_of(library, f"{number}.png")))
    library.works_on(library.target)

    with pytest.raises(ToolError, match=r"^14 events: 11 done, 3 failed again") as raised:
        redrive()

    assert raised.value.code == 1
    for name in ("3.png", "8.png", "13.png"):
        assert f"{PREFIX}{name}: This is not a JPEG" in str(raised.value.message)
    # At once, not in a quarter of an hour.
    assert waiting(library) == 3


def test_a_key_with_control_characters(library: Library) -> None:
    """Keys come from whoever may upload: a terminal must not interpret them."""
    name = "a\x1b]0;title\x07\r\u202egnp.png"
    library.put(name, b"no image")
    send(library, record_of_aws(event_of(library, name)))
    library.works_on(library.target)

    with pytest.raises(ToolError, match=r"failed again") as raised:
        redrive()

    said = str(raised.value.message)
    assert rf"{PREFIX}a\x1b]0;title\x07\r\u202egnp.png: This is not a JPEG" in said
    assert len(said.splitlines()) == 2
    assert said.replace("\n", "").isprintable()


def test_an_event_is_gone_only_after_the_function_succeeded(library: Library) -> None:
    seen = []

    def function(_: Any) -> Any:
        found = library.target.queues.get_queue_attributes(
            QueueUrl=library.deployment.failure_queue_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        seen.append(sorted(found.values()))
        return {"outcomes": {}}

    library.server.function = function
    send(library, record_of_aws({"Records": []}))
    assert redriven(library.target).done == 1
    # Hidden from others while the function runs, and there.
    assert seen == [["0", "1"]]


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"Records": []}', '"text"', "null"])
def test_what_is_not_from_lambda_stays(library: Library, body: str) -> None:
    send(library, body)
    summary = redriven(library.target)
    assert "is no failure that Lambda tells of" in summary.reasons[0]
    assert waiting(library) == 1


def test_lambda_has_no_room(library: Library) -> None:
    library.server.full = True
    send(library, record_of_aws(event_of(library, "a.png")))
    summary = redriven(library.target)
    assert summary.reasons == ["Lambda runs as many functions as it may: run it again later."]
    assert waiting(library) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_broken_off(library: Library, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]) -> None:
    """What is held is given back, whatever ends it."""

    def delete(*_: object) -> None:
        raise error

    library.server.function = lambda _: {"outcomes": {}}
    for _ in range(3):
        send(library, record_of_aws({"Records": []}))
    monkeypatch.setattr(FailureQueue, "delete", delete)
    with pytest.raises(error):
        redriven(library.target)
    assert waiting(library) == 3


def test_another_redrive_holds_some(library: Library) -> None:
    for _ in range(3):
        send(library, record_of_aws({"Records": []}))
    url = library.deployment.failure_queue_url
    library.target.queues.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=900)
    library.server.function = lambda _: {"outcomes": {}}

    summary = redriven(library.target)

    assert (summary.done, summary.hidden) == (2, 1)
    assert "1 more were held by another redrive" in str(summary)


def test_an_empty_queue(library: Library) -> None:
    assert str(redriven(library.target)).startswith("0 events")


def test_what_comes_back_in_a_long_redrive_is_not_tried_twice() -> None:
    client = boto3.client(
        "sqs",
        region_name=REGION,
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - nothing is sent
    )
    batches = [["a", "b"], ["a"], ["a", "c"], []]
    with Stubber(client) as stubber:
        for number, names in enumerate(batches):
            messages = [
                {"MessageId": name, "ReceiptHandle": f"{name}{number}", "Body": "{}"} for name in names
            ]
            stubber.add_response("receive_message", {"Messages": messages})
            for name in set(names) & {"b", "c"}:
                stubber.add_response(
                    "delete_message", {}, {"QueueUrl": "q", "ReceiptHandle": f"{name}{number}"}
                )
        # With the newest handle: an older one is void.
        given_back = [{"Id": "0", "ReceiptHandle": "a2", "VisibilityTimeout": 0}]
        stubber.add_response(
            "change_message_visibility_batch",
            {"Successful": [], "Failed": []},
            {"QueueUrl": ANY, "Entries": given_back},
        )
        seen = []
        with FailureQueue(client, "q") as queue:
            for messages_ in queue.received():
                for message in messages_:
                    seen.append(message.message_id)
                    if message.message_id != "a":
                        queue.delete(message)
        stubber.assert_no_pending_responses()
    client.close()
    assert seen == ["a", "b", "c"]


def test_more_failures_than_anybody_reads() -> None:
    said = str(Summary(done=1, reasons=[f"reason {number}" for number in range(60)]))
    assert said.endswith("reason 49\n  and 10 more")
