"""Changed originals on the local stack: EventBridge, SQS, the function purge, and the edges."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError
from image_core import OUTPUT_VERSION
from image_url import derivative_path

from tests.local.viewer import Response, Viewer
from tools.backfill.redrive import FailureOutputs, run_redrives
from tools.deployment import Deployment
from tools.local import StackOptions
from tools.local.stack import Stack
from tools.paths import SAMPLES

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

pytestmark = pytest.mark.xdist_group("purge")

EVENTS = Path(__file__).parents[1] / "events"
CAT, SUNSET = (SAMPLES / "cat.jpg").read_bytes(), (SAMPLES / "sunset.jpg").read_bytes()
QUERIES = ["", "width=320", "size=XS&to_webp=1"]
ACTIONS = [
    ("ReadOriginals", "s3:GetObject"),
    ("ListDerivativesAndDistinguishMissingKeys", "s3:ListBucket"),
    ("DeleteDerivatives", "s3:GetObject"),
    ("DeleteDerivatives", "s3:DeleteObject"),
    ("DeleteDerivativesOfEdgeResize", "s3:DeleteObject"),
    ("DeleteDerivativesOfS3Trigger", "s3:GetObject"),
    ("DeleteDerivativesOfS3Trigger", "s3:DeleteObject"),
    ("CountInvalidationPaths", "s3:PutObject"),
    ("InvalidateCopies", "cloudfront:CreateInvalidation"),
    ("RepeatInvalidations", "sqs:SendMessage"),
]
POLLING = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}


@pytest.fixture(scope="module")
def purging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    options = StackOptions(
        folder=tmp_path_factory.mktemp("purge") / "stack",
        variants=("edge_resize", "regional_resize", "s3_trigger"),
        variables={
            "edge_resize": {"purge_on_change": True},
            "s3_trigger": {"delivery": "cloudfront", "restore_on_manual_upload": True},
        },
    )
    with Stack(options) as running:
        yield running


@pytest.fixture
def iam(purging: Stack) -> "IAMClient":
    return purging.emulator.session().client("iam", endpoint_url=purging.emulator_url)


def read_images(stack: Stack, key: str) -> dict[tuple[str, str], tuple[int, bytes]]:
    """Return status and body of every URL of an image in both variants."""
    return {
        (variant, query): ((response := Viewer(url=url).get(key, query)).status, response.body)
        for variant, url in stack.edge_urls.items()
        if variant != "s3_trigger"  # whose keys are others
        for query in QUERIES
    }


def wait_until(is_true: Callable[[], bool]) -> float:
    """Wait for a condition and return the seconds until then."""
    started = time.monotonic()
    while not is_true():
        assert time.monotonic() < started + 60, "timeout"
        time.sleep(0.1)
    return time.monotonic() - started


@pytest.mark.parametrize("key", ["a b_1.jpg", "ä/photo (1).jpg", "plain.jpg"])
def test_a_replaced_and_a_deleted_original(
    purging: Stack, key: str, record_property: Callable[[str, object], None]
) -> None:
    bucket, derivatives = purging.outputs["bucket_name"], purging.outputs["bucket_names"]["derivatives"]
    purging.s3.put_object(Bucket=bucket, Key=key, Body=CAT)
    old = read_images(purging, key)
    assert {status for status, _ in old.values()} == {200}
    assert read_images(purging, key) == old

    purging.s3.put_object(Bucket=bucket, Key=key, Body=SUNSET)
    replaced_seconds = wait_until(
        lambda: all(found[1] != old[url][1] for url, found in read_images(purging, key).items())
    )
    assert {status for status, _ in read_images(purging, key).values()} == {200}

    purging.s3.delete_object(Bucket=bucket, Key=key)
    deleted_seconds = wait_until(lambda: {found[0] for found in read_images(purging, key).values()} == {404})
    prefix = derivative_path(key, "v")[:-1]
    assert "Contents" not in purging.s3.list_objects_v2(Bucket=derivatives, Prefix=prefix)
    assert "Contents" not in purging.s3.list_objects_v2(Bucket=bucket, Prefix=f"resized/{key}/")
    record_property(
        "measured",
        f"old images gone {replaced_seconds:.1f} s after replacing, {deleted_seconds:.1f} s after deleting",
    )


def view_derivative(stack: Stack, key: str) -> Response:
    """Upload a new original of s3_trigger; return the derivative from the edge's cache."""
    destination = stack.outputs["bucket_names"]["destination"]
    viewer = Viewer(url=stack.edge_urls["s3_trigger"])
    stack.s3.put_object(Bucket=stack.outputs["bucket_name"], Key=f"source-folder/{key}", Body=CAT)
    wait_until(lambda: stack.s3.list_objects_v2(Bucket=destination, Prefix=key).get("KeyCount") == 1)
    responses = [viewer.get(key) for _ in range(2)]
    assert [response.x_cache for response in responses] == ["Miss", "Hit"]
    return responses[1]


def test_a_deleted_original_of_s3_trigger(purging: Stack) -> None:
    bucket, destination = purging.outputs["bucket_name"], purging.outputs["bucket_names"]["destination"]
    viewer, key = Viewer(url=purging.edge_urls["s3_trigger"]), "ä/a b.jpg"
    view_derivative(purging, key)
    purging.s3.delete_object(Bucket=bucket, Key=f"source-folder/{key}")
    wait_until(lambda: viewer.get(key).status == HTTPStatus.NOT_FOUND)
    assert purging.s3.list_objects_v2(Bucket=destination, Prefix=key).get("KeyCount") == 0


def test_a_manual_upload_in_place_of_a_derivative(purging: Stack) -> None:
    destination, key = purging.outputs["bucket_names"]["destination"], "by hand.jpg"
    view_derivative(purging, key)
    purging.s3.put_object(Bucket=destination, Key=key, Body=b"by hand")
    wait_until(lambda: Viewer(url=purging.edge_urls["s3_trigger"]).get(key).body == b"by hand")


@contextmanager
def role_without(iam: "IAMClient", role: str, sid: str, action: str) -> Iterator[None]:
    """Remove an action from a statement of the role's policy temporarily."""
    before: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    changed = json.loads(json.dumps(before))
    [statement] = [one for one in changed["Statement"] if one["Sid"] == sid]
    statement["Action"].remove(action)
    changed["Statement"] = [one for one in changed["Statement"] if one["Action"]]
    iam.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(changed))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(before))


def test_each_permission_is_needed(purging: Stack, iam: "IAMClient") -> None:
    bucket, derivatives = purging.outputs["bucket_name"], purging.outputs["bucket_names"]["derivatives"]
    functions = purging.emulator.session().client("lambda", endpoint_url=purging.emulator_url)
    role = purging.outputs["function_arns"]["purge"].rpartition(":")[2]
    key, name = "permissions.jpg", f"v{OUTPUT_VERSION}_clean"
    attributes = {"ApproximateReceiveCount": "1"}
    bodies = [
        json.dumps({"detail": {"bucket": {"name": bucket}, "object": {"key": changed}}})
        for changed in (key, f"source-folder/{key}")
    ]
    event = {"Records": [{"messageId": "1", "body": body, "attributes": attributes} for body in bodies]}
    destination = purging.outputs["bucket_names"]["destination"]

    def purge() -> list[dict[str, str]]:
        """Store stale derivatives, younger than the original, and purge them."""
        for owner, folder in ((derivatives, key), (bucket, f"resized/{key}")):
            metadata = {"source-etag": "another"}
            purging.s3.put_object(Bucket=owner, Key=f"{folder}/{name}", Body=b"old", Metadata=metadata)
        purging.s3.put_object(Bucket=destination, Key=key, Body=b"old", Metadata={"resized": "true"})
        payload = functions.invoke(FunctionName=role, Payload=json.dumps(event).encode())["Payload"].read()
        failures: list[dict[str, str]] = json.loads(payload)["batchItemFailures"]
        return failures

    purging.s3.put_object(Bucket=bucket, Key=key, Body=CAT)
    assert purge() == []
    needless = []
    for sid, action in ACTIONS:
        with role_without(iam, role, sid, action):
            if purge() != [{"itemIdentifier": "1"}]:
                needless.append((sid, action))
    assert needless == []
    assert purge() == []
    document: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    granted = {(one["Sid"], action) for one in document["Statement"] for action in one["Action"]}
    logs = {("WriteLogs", "logs:CreateLogStream"), ("WriteLogs", "logs:PutLogEvents")}
    assert granted == {*ACTIONS, *logs, *(("ReceiveEvents", action) for action in POLLING)}


def test_a_derivation_that_replaces_an_old_derivative(purging: Stack, iam: "IAMClient") -> None:
    """The purge of the original does not find that derivative any more, but CloudFront has a copy."""
    bucket, derivatives = purging.outputs["bucket_name"], purging.outputs["bucket_names"]["derivatives"]
    functions = purging.emulator.session().client("lambda", endpoint_url=purging.emulator_url)
    role = purging.outputs["function_arns"]["regional_resize"].rpartition(":")[2]
    viewer = Viewer(url=purging.edge_urls["regional_resize"])
    key = "late.jpg"
    path = derivative_path(key, f"v{OUTPUT_VERSION}_w640_q80")
    event = json.loads((EVENTS / "function-url.json").read_text())
    event["rawPath"] = f"/{path}"

    def derive() -> int:
        payload = functions.invoke(FunctionName=role, Payload=json.dumps(event).encode())["Payload"].read()
        status: int = json.loads(payload)["statusCode"]
        return status

    def store_old_derivative() -> None:
        metadata = {"source-etag": "another"}
        purging.s3.put_object(
            Bucket=derivatives, Key=path, Body=b"old", ContentType="image/jpeg", Metadata=metadata
        )

    store_old_derivative()
    purging.s3.put_object(Bucket=bucket, Key=key, Body=SUNSET)
    # The purge of the upload.
    wait_until(lambda: "Contents" not in purging.s3.list_objects_v2(Bucket=derivatives, Prefix=path))
    store_old_derivative()
    assert viewer.get(key, "width=640").body == b"old"
    with role_without(iam, role, "RequestPurge", "sqs:SendMessage"):
        assert derive() == HTTPStatus.SERVICE_UNAVAILABLE
    assert viewer.get(key, "width=640").body == b"old"
    assert derive() == HTTPStatus.OK
    wait_until(lambda: viewer.get(key, "width=640").body != b"old")
    assert viewer.get(key, "width=640").status == HTTPStatus.OK


def test_a_replaced_original_of_s3_trigger(
    purging: Stack, iam: "IAMClient", record_property: Callable[[str, object], None]
) -> None:
    bucket, key = purging.outputs["bucket_name"], "ä/replaced.jpg"
    functions = purging.emulator.session().client("lambda", endpoint_url=purging.emulator_url)
    role = purging.outputs["function_arns"]["s3_trigger"].rpartition(":")[2]
    viewer = Viewer(url=purging.edge_urls["s3_trigger"])
    record = {"bucket": {"name": bucket}, "object": {"key": quote(f"source-folder/{key}")}}
    event = json.dumps({"Records": [{"s3": record}]}).encode()

    def trigger() -> str:
        return functions.invoke(FunctionName=role, Payload=event)["Payload"].read().decode()

    old = view_derivative(purging, key)
    with role_without(iam, role, "RequestPurge", "sqs:SendMessage"):
        purging.s3.put_object(Bucket=bucket, Key=f"source-folder/{key}", Body=SUNSET)
        assert "SendMessage" in trigger()
        assert viewer.get(key).body == old.body
    assert "SendMessage" not in trigger()
    seconds = wait_until(lambda: viewer.get(key).body != old.body)
    assert viewer.get(key).status == HTTPStatus.OK
    record_property("measured", f"old image gone {seconds:.1f} s after s3_trigger stored the derivative")

    document: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    [statement] = [one for one in document["Statement"] if one["Sid"] == "RequestPurge"]
    assert [arn.rpartition(":")[2] for arn in statement["Resource"]] == ["edge-images-purge-changes"]


@pytest.mark.parametrize("action", sorted(POLLING))
def test_lambda_needs_to_poll_the_queues(purging: Stack, iam: "IAMClient", action: str) -> None:
    functions = purging.emulator.session().client("lambda", endpoint_url=purging.emulator_url)
    name = purging.outputs["function_arns"]["purge"].rpartition(":")[2]
    [mapping, _] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    with (
        role_without(iam, name, "ReceiveEvents", action),
        pytest.raises(ClientError, match="does not have permissions"),
    ):
        functions.create_event_source_mapping(FunctionName=name, EventSourceArn=mapping["EventSourceArn"])


def test_redrive(purging: Stack, iam: "IAMClient") -> None:
    deployment = Deployment(
        session=purging.emulator.session(),
        endpoint_url=purging.emulator_url,
        outputs=FailureOutputs.from_terraform(purging.outputs),
    )
    outputs = deployment.outputs["purge"]
    bucket, key = purging.outputs["bucket_name"], "redrive.jpg"
    stale = f"resized/{key}/v{OUTPUT_VERSION}_clean"
    role = purging.outputs["function_arns"]["purge"].rpartition(":")[2]
    purging.s3.put_object(Bucket=bucket, Key=stale, Body=b"old", Metadata={"source-etag": "another"})
    body = json.dumps({"detail": {"bucket": {"name": bucket}, "object": {"key": key}}})
    deployment.queues.send_message(QueueUrl=outputs.failure_queue_url, MessageBody=body)

    with role_without(iam, role, "InvalidateCopies", "cloudfront:CreateInvalidation"):
        summary = run_redrives(deployment)["edge-images-purge-failures"]
    [reason] = summary.reasons
    assert summary.succeeded == 0
    assert reason.startswith(f"{key}: CreateInvalidation ")

    summary = run_redrives(deployment)["edge-images-purge-failures"]
    assert (summary.succeeded, summary.reasons, summary.hidden) == (1, [], 0)
    assert "Contents" not in purging.s3.list_objects_v2(Bucket=bucket, Prefix=stale)


def test_only_the_rule_may_send_to_the_queues(purging: Stack) -> None:
    queues = purging.emulator.session().client("sqs", endpoint_url=purging.emulator_url)
    bucket, key = purging.outputs["bucket_name"], "queue.jpg"
    urls = [
        queues.get_queue_url(QueueName=f"edge-images-purge-{end}")["QueueUrl"]
        for end in ("changes", "rechecks")
    ]
    policies = {
        url: queues.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        for url in urls
    }
    for url, policy in policies.items():
        changed = policy.replace(":rule/", ":rule/other-")
        assert changed != policy
        queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": changed})
    try:
        purging.s3.put_object(Bucket=bucket, Key=key, Body=CAT)
        old = read_images(purging, key)
        purging.s3.put_object(Bucket=bucket, Key=key, Body=SUNSET)
        time.sleep(3)
        assert read_images(purging, key) == old
    finally:
        for url, policy in policies.items():
            queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def test_only_events_of_originals_are_sent(purging: Stack) -> None:
    session = purging.emulator.session()
    events = session.client("events", endpoint_url=purging.emulator_url)
    queues = session.client("sqs", endpoint_url=purging.emulator_url)
    changes = queues.get_queue_url(QueueName="edge-images-purge-changes")["QueueUrl"]
    policy = queues.get_queue_attributes(QueueUrl=changes, AttributeNames=["Policy"])["Attributes"]["Policy"]
    name = "observer"
    url = queues.create_queue(
        QueueName=name, Attributes={"Policy": policy.replace("edge-images-purge-changes", name)}
    )["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_targets(Rule="edge-images-purge", Targets=[{"Id": name, "Arn": arn}])
    internal = ["resized/filter.jpg/v1_clean", ".edge-images/filter.txt"]
    originals = [".edge-images/doctor/filter.jpg", "resized-filter.jpg", "folder/resized/filter.jpg"]
    received: set[str] = set()

    def has_received_originals() -> bool:
        messages = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        received.update(json.loads(message["Body"])["detail"]["object"]["key"] for message in messages)
        return received.issuperset(originals)

    try:
        for key in internal + originals:
            purging.s3.put_object(Bucket=purging.outputs["bucket_name"], Key=key, Body=CAT)
        wait_until(has_received_originals)
    finally:
        events.remove_targets(Rule="edge-images-purge", Ids=[name])
        queues.delete_queue(QueueUrl=url)
    assert not {key for key in received if key in internal}


def test_the_bucket_sends_its_events_to_eventbridge(purging: Stack) -> None:
    bucket = purging.outputs["bucket_name"]
    found: Any = purging.s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "EventBridgeConfiguration" in found
    listeners = {one["LambdaFunctionArn"] for one in found["LambdaFunctionConfigurations"]}
    assert all(arn.startswith(purging.outputs["function_arns"]["s3_trigger"]) for arn in listeners)
