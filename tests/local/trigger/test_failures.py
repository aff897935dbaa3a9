"""Failed events wait in the failure queue, with the reason, until `invoke redrive`."""

import json
import os
import signal
import subprocess

import pytest

from tests.local.s3_proxy import Fault
from tests.local.trigger.conftest import PREFIX, Uploads, make_image, wait_until
from tools.backfill.redrive import run_redrive

pytestmark = pytest.mark.xdist_group("trigger")


@pytest.fixture(autouse=True)
def empty_queue(uploads: Uploads) -> None:
    """Delete all messages one by one: SQS limits PurgeQueue to once a minute."""
    queues, url = uploads.deployment.queues, uploads.deployment.outputs.failure_queue_url
    while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_two_of_five_records_are_broken(uploads: Uploads) -> None:
    names = [f"five/{number}.png" for number in range(5)]
    broken = names[1:4:2]
    with uploads.without_notifications():
        for name in names:
            uploads.put(name, b"broken" if name in broken else make_image())
        uploads.send(*map(uploads.record, names))
        failure = uploads.wait_for_failure(broken[0])

    payload = json.dumps(failure["responsePayload"])
    assert "2 of 5 records failed" in payload
    assert [name in payload for name in names] == [False, True, False, True, False]
    assert [uploads.find_derivative(name) is None for name in names] == [False, True, False, True, False]
    # All three attempts ran, and derivatives of the first attempt were not created again.
    assert uploads.count_outcomes(f"{PREFIX}{names[0]}") == {"made": 1, "current": 2}
    assert uploads.count_outcomes(f"{PREFIX}{broken[0]}") == {"failed": 3}

    # The event returns to the queue while the cause persists.
    summary = run_redrive(uploads.deployment, uploads.deployment.outputs)
    [reason] = summary.reasons
    assert (summary.succeeded, [name in reason for name in broken]) == (0, [True, True])
    assert uploads.wait_for_failure(broken[0])

    with uploads.without_notifications():
        for name in broken:
            uploads.put(name, make_image())
    summary = run_redrive(uploads.deployment, uploads.deployment.outputs)
    assert (summary.succeeded, summary.reasons) == (1, [])
    assert uploads.list_failures() == []
    assert all(uploads.find_derivative(name) for name in names)


def test_every_request_to_s3_may_fail(uploads: Uploads) -> None:
    """Each request for a derivative fails, for one image each, until the event is in the failure queue."""
    faults = {
        f"HEAD {PREFIX}at/0.png": Fault.BUSY,
        "HEAD at/1.png": Fault.RESET,
        f"GET {PREFIX}at/2.png": Fault.RESET,
        "PUT at/3.png": Fault.BUSY,
    }
    names = [f"at/{number}.png" for number in range(4)]
    with uploads.without_retries(), uploads.proxy.failing(**faults):
        for name in names:
            uploads.put(name, make_image())
        for name in names:
            uploads.wait_for_failure(name)
    assert [uploads.find_derivative(name) for name in names] == [None] * 4

    assert run_redrive(uploads.deployment, uploads.deployment.outputs).reasons == []

    assert [uploads.wait_for_derivative(name)[0].size for name in names] == [(300, 300)] * 4


def list_children(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started."""
    command = ["ps", "-o", "pid=", "--ppid", str(pid)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout  # noqa: S603  # a number as its argument
    return [int(child) for child in found.split()]


def list_function_processes(uploads: Uploads) -> list[int]:
    """Return the ids of the processes in which the emulator, a child of its guard, runs functions."""
    return [pid for emulator in list_children(uploads.stack.emulator.pid) for pid in list_children(emulator)]


def test_a_killed_function_is_retried(uploads: Uploads) -> None:
    with uploads.proxy.failing(**{"killed.png": Fault.HANG}):
        uploads.put("killed.png", make_image())
        wait_until(lambda: uploads.proxy.requests_for("killed.png"))
        functions = list_function_processes(uploads)
        assert functions
        for pid in functions:
            os.kill(pid, signal.SIGKILL)
    assert uploads.wait_for_derivative("killed.png")[0].size == (300, 300)
