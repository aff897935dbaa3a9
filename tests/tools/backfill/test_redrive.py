"""`invoke redrive`: events of the failure queue are retried."""

import json
from typing import Any
from urllib.parse import quote_plus

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tests.tools.backfill.conftest import FUNCTION_ARN, PREFIX, REGION, FakeAccount
from tools.backfill import redrive
from tools.backfill.failure_queue import FailureQueue
from tools.backfill.redrive import FailureOutputs, Summary, run_redrive
from tools.console import ToolError
from tools.deployment import Deployment


def make_event(account: FakeAccount, name: str) -> dict[str, Any]:
    bucket, key = account.outputs.source_bucket, quote_plus(f"{PREFIX}{name}", safe="/")
    return {"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]}


def make_record(event: Any) -> dict[str, Any]:
    """The example of the Lambda developer guide, "Retaining records of asynchronous invocations"."""
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


def make_emulator_record(event: Any) -> dict[str, Any]:
    """A record in the form that MiniStack writes."""
    record = make_record(event)
    del record["version"], record["timestamp"], record["requestContext"]["requestId"]
    return record


def make_expired_record(event: Any) -> dict[str, Any]:
    """Record of an event that expired before the function ran, because its concurrency was exhausted."""
    record = make_record(event)
    del record["responseContext"], record["responsePayload"]
    record["requestContext"] |= {"condition": "EventAgeExceeded", "approximateInvokeCount": 0}
    return record


def redrive_deployment(account: FakeAccount) -> Deployment[dict[str, FailureOutputs]]:
    """Return the deployment as `invoke redrive` finds it."""
    deployment = Deployment(
        session=account.deployment.session,
        endpoint_url=account.deployment.endpoint_url,
        outputs=FailureOutputs.from_terraform({"s3_trigger": account.raw_outputs, "purge": None}),
    )
    # The cached properties.
    vars(deployment).update(functions=account.deployment.functions, queues=account.deployment.queues)
    return deployment


def send(account: FakeAccount, body: object) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    account.deployment.queues.send_message(QueueUrl=account.outputs.failure_queue_url, MessageBody=text)


def count_visible(account: FakeAccount) -> int:
    """Number of messages that a consumer could receive now."""
    return FailureQueue(account.deployment.queues, account.outputs.failure_queue_url).count()[0]


# A response of SQS holds ten messages at most.
@pytest.mark.parametrize(
    ("record", "count"), [(make_record, 23), (make_emulator_record, 2), (make_expired_record, 2)]
)
def test_events_succeed_when_the_cause_is_removed(
    account: FakeAccount, record: Any, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"é {number}+.png" for number in range(count)]
    for name in names:
        account.put(name)
        send(account, record(make_event(account, name)))

    summary = run_redrive(account.deployment, account.outputs)

    assert (summary.succeeded, summary.reasons, summary.hidden) == (count, [], 0)
    assert str(summary) == f"{count} events: {count} done, 0 failed again and are back in the queue."
    assert account.keys(account.outputs.destination_bucket) == set(names)
    assert FailureQueue(account.deployment.queues, account.outputs.failure_queue_url).count() == (0, 0)
    assert f"{count}/{count}" in capsys.readouterr().err


def test_some_fail_again(account: FakeAccount) -> None:
    for number in range(14):
        account.put(f"{number}.png", b"no image" if number % 5 == 3 else None)
        send(account, make_record(make_event(account, f"{number}.png")))
    account.works_on(redrive_deployment(account))

    with pytest.raises(ToolError, match=r"^[0-9a-f]{32}: 14 events: 11 done, 3 failed again") as raised:
        redrive()

    assert raised.value.code == 1
    for name in ("3.png", "8.png", "13.png"):
        assert f"{PREFIX}{name}: This is not a JPEG" in str(raised.value.message)
    # Visible at once, not after the visibility timeout.
    assert count_visible(account) == 3


def test_a_key_with_control_characters(account: FakeAccount) -> None:
    """A terminal must not interpret control characters in keys, which uploaders choose."""
    name = "a\x1b]0;title\x07\r\u202egnp.png"
    account.put(name, b"no image")
    send(account, make_record(make_event(account, name)))
    account.works_on(redrive_deployment(account))

    with pytest.raises(ToolError, match=r"failed again") as raised:
        redrive()

    text = str(raised.value.message)
    assert rf"{PREFIX}a\x1b]0;title\x07\r\u202egnp.png: This is not a JPEG" in text
    assert len(text.splitlines()) == 2
    assert text.replace("\n", "").isprintable()


def test_an_event_is_deleted_only_after_the_function_succeeded(account: FakeAccount) -> None:
    seen = []

    def function(_: Any) -> Any:
        found = account.deployment.queues.get_queue_attributes(
            QueueUrl=account.outputs.failure_queue_url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        seen.append(sorted(found.values()))
        return {"outcomes": {}}

    account.server.function = function
    send(account, make_record({"Records": []}))
    assert run_redrive(account.deployment, account.outputs).succeeded == 1
    # The message still exists and is hidden while the function runs.
    assert seen == [["0", "1"]]


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"Records": []}', '"text"', "null"])
def test_a_message_of_another_sender_stays(account: FakeAccount, body: str) -> None:
    send(account, body)
    summary = run_redrive(account.deployment, account.outputs)
    assert "was not sent by Lambda" in summary.reasons[0]
    assert count_visible(account) == 1


def test_exhausted_concurrency(account: FakeAccount) -> None:
    account.server.exhausted = True
    send(account, make_record(make_event(account, "a.png")))
    summary = run_redrive(account.deployment, account.outputs)
    assert summary.reasons == ["The concurrency of Lambda is exhausted: run the command again later."]
    assert count_visible(account) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_redrive(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Received messages become visible again, whatever ends the redrive."""

    def delete(*_: object) -> None:
        raise error

    account.server.function = lambda _: {"outcomes": {}}
    for _ in range(3):
        send(account, make_record({"Records": []}))
    monkeypatch.setattr(FailureQueue, "delete", delete)
    with pytest.raises(error):
        run_redrive(account.deployment, account.outputs)
    assert count_visible(account) == 3


def test_another_redrive_has_received_some(account: FakeAccount) -> None:
    for _ in range(3):
        send(account, make_record({"Records": []}))
    url = account.outputs.failure_queue_url
    account.deployment.queues.receive_message(QueueUrl=url, MaxNumberOfMessages=1, VisibilityTimeout=900)
    account.server.function = lambda _: {"outcomes": {}}

    summary = run_redrive(account.deployment, account.outputs)

    assert (summary.succeeded, summary.hidden) == (2, 1)
    assert "1 more are held by another redrive" in str(summary)


def test_an_empty_queue(account: FakeAccount) -> None:
    assert str(run_redrive(account.deployment, account.outputs)).startswith("0 events")


def test_a_message_that_becomes_visible_again_is_not_retried_twice() -> None:
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
        # Only the newest receipt handle is valid.
        entries = [{"Id": "0", "ReceiptHandle": "a2", "VisibilityTimeout": 0}]
        stubber.add_response(
            "change_message_visibility_batch",
            {"Successful": [], "Failed": []},
            {"QueueUrl": ANY, "Entries": entries},
        )
        seen = []
        with FailureQueue(client, "q") as queue:
            for messages_ in queue.receive_all():
                for message in messages_:
                    seen.append(message.message_id)
                    if message.message_id != "a":
                        queue.delete(message)
        stubber.assert_no_pending_responses()
    client.close()
    assert seen == ["a", "b", "c"]


def test_long_lists_are_cut() -> None:
    text = str(Summary(succeeded=1, reasons=[f"reason {number}" for number in range(60)]))
    assert text.endswith("reason 49\n  and 10 more")
