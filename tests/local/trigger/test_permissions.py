"""Least privilege: without any one permission of the role something fails."""

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
def without_retries(uploads: Uploads) -> Iterator[None]:
    with uploads.without_retries():
        yield


@pytest.mark.usefixtures("without_retries")
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
        assert "403" in json.dumps(uploads.wait_for_failure(name)["responsePayload"])
    assert uploads.find_derivative(name) is None


@pytest.mark.usefixtures("without_retries")
@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
def test_a_restored_original(uploads: Uploads, iam: "IAMClient", role: str, action: str) -> None:
    name = f"without/{action[3:]}-restore.png"
    uploads.put(name, make_image())
    uploads.wait_for_derivative(name)
    if action == "s3:GetObject":
        # The permission is needed for a copy that exists already.
        uploads.stack.s3.put_object(Bucket=uploads.source, Key=f"restore-folder/{name}", Body=b"older")
    with without(iam, role, "RestoreOriginals", action):
        uploads.stack.s3.put_object(Bucket=uploads.destination, Key=name, Body=b"mine")
        assert "403" in json.dumps(uploads.wait_for_failure(name)["responsePayload"])


@pytest.mark.usefixtures("without_retries")
def test_a_failure(uploads: Uploads, iam: "IAMClient", role: str) -> None:
    with without(iam, role, "SendFailures", "sqs:SendMessage"):
        uploads.put("without/queue.png", b"broken")
        log = uploads.stack.state.emulator_log
        wait_until(lambda: "may not send" in log.read_text())
    uploads.put("with/queue.png", b"broken")
    uploads.wait_for_failure("with/queue.png")
    assert "without/queue.png" not in json.dumps(uploads.list_failures())


def test_the_role_has_no_other_permissions(uploads: Uploads, iam: "IAMClient", role: str) -> None:
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["function"]
    document: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    assert all(statement["Effect"] == "Allow" for statement in document["Statement"])
    source, destination = f"arn:aws:s3:::{uploads.source}", f"arn:aws:s3:::{uploads.destination}"
    queue = "arn:aws:sqs:us-east-1:000000000000:edge-images-s3-trigger-failures"
    log = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/edge-images-s3-trigger:*"
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


def test_the_bucket_of_backfill_jobs_is_private(uploads: Uploads) -> None:
    policy = json.loads(
        uploads.stack.s3.get_bucket_policy(Bucket=uploads.deployment.outputs.jobs_bucket)["Policy"]
    )
    assert [statement["Effect"] for statement in policy["Statement"]] == ["Deny"]
