"""What goes wrong waits in the failure queue, with its reason, until `invoke redrive`."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.local.s3_proxy import Fault
from tests.local.trigger.conftest import PREFIX, Uploads, picture, wait_until
from tools.library.redrive import redriven

pytestmark = pytest.mark.xdist_group("trigger")


@pytest.fixture(autouse=True)
def empty_queue(uploads: Uploads) -> None:
    uploads.target.queues.purge_queue(QueueUrl=uploads.target.deployment.failure_queue_url)


@contextmanager
def nobody_listens(uploads: Uploads) -> Iterator[None]:
    """Uploads start nothing for a while."""
    s3 = uploads.stack.s3
    before: Any = s3.get_bucket_notification_configuration(Bucket=uploads.source)
    before.pop("ResponseMetadata")
    s3.put_bucket_notification_configuration(Bucket=uploads.source, NotificationConfiguration={})
    try:
        yield
    finally:
        s3.put_bucket_notification_configuration(Bucket=uploads.source, NotificationConfiguration=before)


def event_of(uploads: Uploads, *names: str) -> dict[str, Any]:
    return {
        "Records": [
            {"s3": {"bucket": {"name": uploads.source}, "object": {"key": f"{PREFIX}{name}"}}}
            for name in names
        ]
    }


def test_five_records_of_which_two_are_broken(uploads: Uploads) -> None:
    names = [f"five/{number}.png" for number in range(5)]
    with nobody_listens(uploads):
        for name in names:
            uploads.put(name, b"broken" if name in names[1:4:2] else picture())
        uploads.target.functions.invoke(
            FunctionName=uploads.target.deployment.function_arn,
            InvocationType="Event",
            Payload=json.dumps(event_of(uploads, *names)).encode(),
        )
        failure = uploads.failure("five/1.png")
        for name in names[1:4:2]:
            uploads.put(name, picture())

    said = json.dumps(failure["responsePayload"])
    assert "2 of 5 records failed" in said
    assert [name in said for name in names] == [False, True, False, True, False]
    assert [uploads.stored(name) is None for name in names] == [False, True, False, True, False]
    # Tried three times; what was done the first time was not done again.
    assert uploads.invocations(f"{PREFIX}{names[0]}") == {"made": 1, "current": 2}
    assert uploads.invocations(f"{PREFIX}{names[1]}") == {"failed": 3}

    summary = redriven(uploads.target)
    assert (summary.done, summary.reasons) == (1, [])
    assert uploads.failures() == []
    assert all(uploads.stored(name) for name in names)


def test_what_fails_again_is_back_in_the_queue(uploads: Uploads) -> None:
    uploads.put("still/broken.png", b"broken")
    uploads.failure("still/broken.png")

    summary = redriven(uploads.target)

    assert summary.done == 0
    [reason] = summary.reasons
    assert f"{PREFIX}still/broken.png" in reason
    assert uploads.failure("still/broken.png")


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.RESET])
@pytest.mark.parametrize("part", [f"{PREFIX}s3-", "s3-"])
def test_s3_fails_until_the_event_is_given_up(uploads: Uploads, fault: Fault, part: str) -> None:
    name = f"s3-{fault}-{len(part)}.png"
    with uploads.proxy.failing(**{part: fault}):
        uploads.put(name, picture())
        uploads.failure(name)
    assert uploads.stored(name) is None

    assert redriven(uploads.target).reasons == []

    assert uploads.derivative(name)[0].size == (300, 300)


def functions_of(uploads: Uploads) -> list[int]:
    """Pids of the processes in which the emulator runs functions."""
    command = ["ps", "-o", "pid=", "--ppid", str(uploads.stack.emulator.pid)]
    return [int(pid) for pid in subprocess.check_output(command, text=True).split()]  # noqa: S603  # a number as its argument


def test_killed_in_the_middle(uploads: Uploads) -> None:
    """The function hangs at the destination, its process ends, the event is tried again."""
    with uploads.proxy.failing(**{"killed.png": Fault.HANG}):
        uploads.put("killed.png", picture())
        wait_until(lambda: uploads.proxy.requests_for("killed.png"))
        for pid in functions_of(uploads):
            os.kill(pid, signal.SIGKILL)
    assert uploads.derivative("killed.png")[0].size == (300, 300)
