"""The role may do what the function does, and nothing more: without any one right something fails."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.trigger.conftest import Uploads, make_image, wait_until

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

pytestmark = pytest.mark.xdist_group("trigger")


@pytest.fixture
def iam(uploads: Uploads) -> "IAMClient":
    return uploads.stack.emulator.session().client("iam", endpoint_url=uploads.stack.emulator_url)


@pytest.fixture
def role(uploads: Uploads) -> str:
    found = uploads.deployment.functions.get_function_configuration(
        FunctionName=uploads.deployment.outputs.function_arn
    )
    return found["Role"].rpartition("/")[2]


@contextmanager
def without(iam: "IAMClient", role: str, sid: str, action: str) -> Iterator[None]:
    before: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    changed = json.loads(json.dumps(before))
    [statement] = [statement for statement in changed["Statement"] if statement["Sid"] == sid]
    statement["Action"].remove(action)
    changed["Statement"] = [statement for statement in changed["Statement"] if statement["Action"]]
    iam.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(changed))
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(before))


@pytest.fixture
def tried_once(uploads: Uploads) -> Iterator[None]:
    with uploads.tried_once():
        yield


@pytest.mark.usefixtures("tried_once")
@pytest.mark.parametrize(
    ("sid", "action"),
    [
        ("ReadOriginals", "s3:GetObject"),
        ("ReadDerivatives", "s3:GetObject"),
        ("WriteDerivatives", "s3:PutObject"),
        ("DistinguishMissingKeys", "s3:ListBucket"),
    ],
)
def test_an_upload(uploads: Uploads, iam: "IAMClient", role: str, sid: str, action: str) -> None:
    name = f"without/{sid}.png"
    with without(iam, role, sid, action):
        uploads.put(name, make_image())
        assert "403" in json.dumps(uploads.failure(name)["responsePayload"])
    assert uploads.stored(name) is None


@pytest.mark.usefixtures("tried_once")
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
def test_a_restored_original(uploads: Uploads, iam: "IAMClient", role: str, action: str) -> None:
    name = f"without/{action[3:]}-restore.png"
    uploads.put(name, make_image())
    uploads.derivative(name)
    if action == "s3:GetObject":
        # It is for the copy that is there already.
        uploads.stack.s3.put_object(Bucket=uploads.source, Key=f"restore-folder/{name}", Body=b"older")
    with without(iam, role, "RestoreOriginals", action):
        uploads.stack.s3.put_object(Bucket=uploads.destination, Key=name, Body=b"mine")
        assert "403" in json.dumps(uploads.failure(name)["responsePayload"])


@pytest.mark.usefixtures("tried_once")
def test_a_failure(uploads: Uploads, iam: "IAMClient", role: str) -> None:
    with without(iam, role, "SendFailures", "sqs:SendMessage"):
        uploads.put("without/queue.png", b"broken")
        log = uploads.stack.state.emulator_log
        wait_until(lambda: "may not send" in log.read_text())
    uploads.put("with/queue.png", b"broken")
    uploads.failure("with/queue.png")
    assert "without/queue.png" not in json.dumps(uploads.failures())


def test_nothing_else(uploads: Uploads, iam: "IAMClient", role: str) -> None:
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["function"]
    document: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    assert all(statement["Effect"] == "Allow" for statement in document["Statement"])
    source, destination = f"arn:aws:s3:::{uploads.source}", f"arn:aws:s3:::{uploads.destination}"
    # The role is created before the queue, so its policy cannot name the Region of the queue.
    queue = "arn:aws:sqs:*:000000000000:edge-images-s3-trigger-failures"
    log = "arn:aws:logs:*:000000000000:log-group:/aws/lambda/edge-images-s3-trigger:*"
    assert {
        statement["Sid"]: (statement["Action"], statement["Resource"]) for statement in document["Statement"]
    } == {
        "SendFailures": (["sqs:SendMessage"], [queue]),
        "ReadDerivatives": (["s3:GetObject"], [f"{destination}/*"]),
        "ReadOriginals": (["s3:GetObject"], [f"{source}/source-folder/*"]),
        "RestoreOriginals": (["s3:GetObject", "s3:PutObject"], [f"{source}/restore-folder/*"]),
        "DistinguishMissingKeys": (["s3:ListBucket"], [source, destination]),
        "WriteDerivatives": (["s3:PutObject"], [f"{destination}/*"]),
        "WriteLogs": (["logs:CreateLogStream", "logs:PutLogEvents"], [log]),
    }


def test_the_papers_of_a_backfill_are_private(uploads: Uploads) -> None:
    policy = json.loads(
        uploads.stack.s3.get_bucket_policy(Bucket=uploads.deployment.outputs.jobs_bucket)["Policy"]
    )
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]
