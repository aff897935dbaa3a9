"""`invoke redrive` for the events in purge's failure queue, with the real function purge."""

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from threading import Thread
from typing import Any

import boto3
import pytest
from purge.handler import lambda_handler

from tests.functions.context import LambdaContext
from tests.functions.purge import conftest as fixtures
from tests.functions.purge.conftest import Derivatives, message
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import FaultProxy
from tests.tools.backfill.conftest import FUNCTION_ARN, FunctionServer, functions_client
from tools.backfill import redrive
from tools.backfill.failure_queue import FailureQueue
from tools.backfill.redrive import FailureOutputs, Summary, run_redrives
from tools.console import ToolError
from tools.deployment import Deployment

bucket, proxy, s3, sqs = fixtures.bucket, fixtures.proxy, fixtures.s3, fixtures.sqs
cloudfront, derivatives, derivatives_bucket = (
    fixtures.cloudfront,
    fixtures.derivatives,
    fixtures.derivatives_bucket,
)
distribution, environment, invalidated = fixtures.distribution, fixtures.environment, fixtures.invalidated
queue_url = fixtures.queue_url

# In the package, the name of the module is the command.
MODULE = importlib.import_module("tools.backfill.redrive")

type Invalidated = Callable[[], list[list[str]]]


@dataclass
class Purging:
    """A deployment of the function purge.

    Attributes:
        deployment: the deployment as `invoke redrive` finds it.
        server: Lambda's API for the function.
        bucket: bucket of the originals.
        events: the events with which the function was invoked.
    """

    deployment: Deployment[dict[str, FailureOutputs]]
    server: FunctionServer
    bucket: str
    events: list[Any]

    @property
    def queue(self) -> FailureQueue:
        """The failure queue."""
        return FailureQueue(self.deployment.queues, self.deployment.outputs["purge"].failure_queue_url)

    def send(self, *bodies: str) -> None:
        """Send messages to the failure queue."""
        for body in bodies:
            self.deployment.queues.send_message(
                QueueUrl=self.deployment.outputs["purge"].failure_queue_url, MessageBody=body
            )

    def fail(self, *keys: str) -> None:
        """Send changes of originals to the failure queue."""
        self.send(*(message(self.bucket, key, "id")["body"] for key in keys))

    def run(self) -> Summary:
        """Redrive the queue."""
        [(name, summary)] = run_redrives(self.deployment).items()
        assert name == f"{self.bucket}-purge-failures"
        return summary


@pytest.fixture
def purging(
    environment: dict[str, str], moto_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Purging]:
    # moto waits as long as SQS would.
    monkeypatch.setattr("tools.backfill.failure_queue._WAIT_SECONDS", 0)
    name = environment["BUCKET_NAME"]
    session = boto3.Session("ASIAEXAMPLE", "example-key", region_name=environment["AWS_REGION"])
    url = "http://{}:{}".format(*moto_address)
    events: list[Any] = []
    with FunctionServer() as server:
        queues = session.client("sqs", endpoint_url=url)
        output = {
            "function_arn": FUNCTION_ARN,
            "failure_queue_url": queues.create_queue(QueueName=f"{name}-purge-failures")["QueueUrl"],
        }
        deployment = Deployment(
            session=session,
            endpoint_url=url,
            outputs=FailureOutputs.from_terraform({"s3_trigger": None, "purge": output}),
        )
        functions = functions_client(session, server)
        # The cached properties.
        vars(deployment).update(functions=functions, queues=queues)

        def run(event: Any) -> Any:
            events.append(event)
            with redirect_stdout(StringIO()) as log:
                response = lambda_handler(event, LambdaContext())
            server.log = f"cut off\n{log.getvalue()}"
            return response

        server.function = run
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield Purging(deployment, server, name, events)
        server.shutdown()
        functions.close()
        queues.close()


def test_changes_succeed_when_the_cause_is_removed(
    purging: Purging, derivatives: Derivatives, invalidated: Invalidated
) -> None:
    keys = [f"{number}.jpg" for number in range(12)]
    for key in keys:
        derivatives.put(f"{key}/v4_clean")
    purging.fail(*keys)

    summary = purging.run()

    assert (summary.succeeded, summary.reasons, purging.queue.count()) == (12, [], (0, 0))
    assert derivatives.keys() == []
    # One invocation, so that all paths are in one invalidation.
    assert invalidated() == [sorted(f"/{key}*" for key in keys)]


def test_an_earlier_delivery_deleted_the_derivatives(purging: Purging, invalidated: Invalidated) -> None:
    """The cached copies may be old although there is nothing to delete."""
    purging.fail("a.jpg")
    assert purging.run().succeeded == 1
    assert invalidated() == [["/a.jpg*"]]


def test_some_fail_again(purging: Purging, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys cannot control the terminal."""
    proxy.inject(faults.status(403), path="prefix=b")
    purging.fail("a.jpg", "b\x1b]0;t\x07\u202e.jpg")
    purging.send("no JSON")
    monkeypatch.setattr(MODULE, "find_deployment", lambda *_, **__: purging.deployment)

    with pytest.raises(ToolError) as raised:
        redrive()

    assert raised.value.code == 1
    text = str(raised.value.message)
    first, *others = text.splitlines()
    assert (
        first
        == f"{purging.bucket}-purge-failures: 3 events: 1 done, 2 failed again and are back in the queue."
    )
    [foreign] = [line for line in others if "was not sent by EventBridge: inspect and delete it" in line]
    [listed] = [line for line in others if line != foreign]
    assert listed.startswith(r"  b\x1b]0;t\x07\u202e.jpg: ")
    assert "403" in listed
    assert text.replace("\n", "").isprintable()
    # Visible at once, not after the visibility timeout.
    assert purging.queue.count() == (2, 0)


def test_cloudfront_refuses(
    purging: Purging, derivatives: Derivatives, proxy: FaultProxy, invalidated: Invalidated
) -> None:
    derivatives.put("a.jpg/v4_clean")
    proxy.inject(faults.status(400, error="TooManyInvalidationsInProgress"), path="/distribution/", times=1)
    purging.fail("a.jpg", "b.jpg")

    summary = purging.run()

    assert summary.succeeded == 0
    assert [reason.partition(": ")[0] for reason in sorted(summary.reasons)] == ["a.jpg", "b.jpg"]
    assert all("400 TooManyInvalidationsInProgress" in reason for reason in summary.reasons)
    assert purging.run().succeeded == 2
    assert invalidated() == [["/a.jpg*", "/b.jpg*"]]


def test_the_reason_is_not_in_the_end_of_the_log(purging: Purging, proxy: FaultProxy) -> None:
    function = purging.server.function

    def run(event: Any) -> Any:
        response = function(event)
        purging.server.log += json.dumps({"outcome": "capped", "reason": "x" * 5_000})
        return response

    purging.server.function = run
    proxy.inject(faults.status(403), path="prefix=a")
    purging.fail("a.jpg")
    assert purging.run().reasons == ["a.jpg: ./invokew logs --local shows the reason"]


def test_the_function_fails(purging: Purging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISTRIBUTIONS")
    purging.fail("a.jpg")
    [reason] = purging.run().reasons
    assert reason.startswith("a.jpg: ")
    assert "DISTRIBUTIONS" in reason
    assert purging.queue.count() == (1, 0)


def test_exhausted_concurrency(purging: Purging) -> None:
    purging.server.exhausted = True
    purging.fail("a.jpg")
    assert purging.run().reasons == [
        "a.jpg: The concurrency of Lambda is exhausted: run the command again later."
    ]


def test_many_changes(purging: Purging, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "_MAX_CHANGES", 10)
    purging.fail(*(f"{number}.jpg" for number in range(12)))
    assert purging.run().succeeded == 12
    assert sorted(len(event["Records"]) for event in purging.events) == [2, 10]


def test_nothing_is_deployed() -> None:
    with pytest.raises(ToolError, match=r"neither s3_trigger nor the function purge is deployed"):
        FailureOutputs.from_terraform({"s3_trigger": None, "purge": None, "bucket_name": "x"})
