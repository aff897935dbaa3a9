"""What goes wrong waits in the failure queue, with its reason, until `invoke redrive`."""

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
    """Not by PurgeQueue, which SQS does once in a minute."""
    queues, url = uploads.deployment.queues, uploads.deployment.outputs.failure_queue_url
    while messages := queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_five_records_of_which_two_are_broken(uploads: Uploads) -> None:
    names = [f"five/{number}.png" for number in range(5)]
    broken = names[1:4:2]
    with uploads.unheard():
        for name in names:
            uploads.put(name, b"broken" if name in broken else make_image())
        uploads.send(*map(uploads.record, names))
        failure = uploads.failure(broken[0])

    said = json.dumps(failure["responsePayload"])
    assert "2 of 5 records failed" in said
    assert [name in said for name in names] == [False, True, False, True, False]
    assert [uploads.stored(name) is None for name in names] == [False, True, False, True, False]
    # Tried three times; what was done the first time was not done again.
    assert uploads.invocations(f"{PREFIX}{names[0]}") == {"made": 1, "current": 2}
    assert uploads.invocations(f"{PREFIX}{broken[0]}") == {"failed": 3}

    # As long as the cause is there the event is back in the queue.
    summary = run_redrive(uploads.deployment)
    [reason] = summary.reasons
    assert (summary.succeeded, [name in reason for name in broken]) == (0, [True, True])
    assert uploads.failure(broken[0])

    with uploads.unheard():
        for name in broken:
            uploads.put(name, make_image())
    summary = run_redrive(uploads.deployment)
    assert (summary.succeeded, summary.reasons) == (1, [])
    assert uploads.failures() == []
    assert all(uploads.stored(name) for name in names)


def test_s3_fails_at_any_call(uploads: Uploads) -> None:
    """Each of the calls that make a derivative fails, for an image each, until the event is given up."""
    faults = {
        f"HEAD {PREFIX}at/0.png": Fault.BUSY,
        "HEAD at/1.png": Fault.RESET,
        f"GET {PREFIX}at/2.png": Fault.RESET,
        "PUT at/3.png": Fault.BUSY,
    }
    names = [f"at/{number}.png" for number in range(4)]
    with uploads.tried_once(), uploads.proxy.failing(**faults):
        for name in names:
            uploads.put(name, make_image())
        for name in names:
            uploads.failure(name)
    assert [uploads.stored(name) for name in names] == [None] * 4

    assert run_redrive(uploads.deployment).reasons == []

    assert [uploads.derivative(name)[0].size for name in names] == [(300, 300)] * 4


def children_of(pid: int) -> list[int]:
    """Return the ids of the processes that a process has started."""
    command = ["ps", "-o", "pid=", "--ppid", str(pid)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout  # noqa: S603  # a number as its argument
    return [int(child) for child in found.split()]


def functions_of(uploads: Uploads) -> list[int]:
    """Return the ids of the processes in which the emulator, a child of its guard, runs functions."""
    return [pid for emulator in children_of(uploads.stack.emulator.pid) for pid in children_of(emulator)]


def test_killed_in_the_middle(uploads: Uploads) -> None:
    """The function hangs at the destination, its process ends, the event is tried again."""
    with uploads.proxy.failing(**{"killed.png": Fault.HANG}):
        uploads.put("killed.png", make_image())
        wait_until(lambda: uploads.proxy.requests_for("killed.png"))
        functions = functions_of(uploads)
        assert functions
        for pid in functions:
            os.kill(pid, signal.SIGKILL)
    assert uploads.derivative("killed.png")[0].size == (300, 300)
