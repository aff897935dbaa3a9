"""The function runs as the published version of the zip, with a role of least privilege."""

import base64
import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.local.viewer import Viewer
from tools.local.stack import Stack
from tools.paths import PROJECT

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture
def function(stack: Stack) -> "FunctionConfigurationTypeDef":
    client = stack.emulator.session().client("lambda", endpoint_url=stack.emulator_url)
    return client.get_function(FunctionName=stack.outputs["function_arns"]["edge_resize"])["Configuration"]


@pytest.fixture
def iam(stack: Stack) -> "IAMClient":
    return stack.emulator.session().client("iam", endpoint_url=stack.emulator_url)


@contextmanager
def role_without(iam: "IAMClient", role: str, action: str) -> Iterator[None]:
    """Remove an action from the role's policy temporarily."""
    before: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    kept = [statement for statement in before["Statement"] if action not in statement["Action"]]
    assert len(kept) == len(before["Statement"]) - 1
    changed = json.dumps({**before, "Statement": kept})
    iam.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=changed)
    try:
        yield
    finally:
        iam.put_role_policy(RoleName=role, PolicyName="function", PolicyDocument=json.dumps(before))


def test_the_published_version_of_the_zip_runs(
    stack: Stack, viewer: Viewer, function: "FunctionConfigurationTypeDef"
) -> None:
    assert viewer.get("cat.jpg", "size=L").status == 200
    zip_hash = hashlib.sha256((PROJECT / "dist" / "edge_resize.zip").read_bytes()).digest()
    assert function["CodeSha256"] == base64.b64encode(zip_hash).decode()
    assert stack.outputs["function_arns"]["edge_resize"].endswith(f":{function['Version']}")
    logs = stack.emulator.session().client("logs", endpoint_url=stack.emulator_url)
    group = f"/aws/lambda/{function['FunctionName']}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    assert {stream["logStreamName"].split("[")[1].split("]")[0] for stream in streams} == {
        function["Version"]
    }


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
def test_without_read_or_write_viewers_are_redirected_to_the_original(
    viewer: Viewer,
    put: Callable[..., str],
    iam: "IAMClient",
    function: "FunctionConfigurationTypeDef",
    action: str,
) -> None:
    key = put(f"without-{action.partition(':')[2]}.jpg", "cat.jpg")
    with role_without(iam, function["FunctionName"], action):
        refused = viewer.get(key, "size=S")
        assert (refused.status, refused.headers["Cache-Control"]) == (302, "no-store")
        assert refused.headers["Location"] == f"/{key}"
    assert viewer.get(key, "size=S").image().size == (640, 427)


def test_without_list_a_missing_image_is_not_cached(
    viewer: Viewer, iam: "IAMClient", function: "FunctionConfigurationTypeDef"
) -> None:
    """Without the permission to list, S3 responds to a missing key as to a missing permission."""
    with role_without(iam, function["FunctionName"], "s3:ListBucket"):
        assert viewer.get("unlisted.jpg", "size=S").status == 302
    assert viewer.get("unlisted.jpg", "size=S").status == 404


def test_the_role_has_no_other_permissions(
    iam: "IAMClient", function: "FunctionConfigurationTypeDef"
) -> None:
    role = function["FunctionName"]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["function"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    document: Any = iam.get_role_policy(RoleName=role, PolicyName="function")["PolicyDocument"]
    actions = {action for statement in document["Statement"] for action in statement["Action"]}
    logs = {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions == {"s3:GetObject", "s3:ListBucket", "s3:PutObject"} | logs


def test_only_the_distribution_can_read_the_bucket(
    stack: Stack, viewer: Viewer, put: Callable[..., str]
) -> None:
    bucket = stack.outputs["bucket_name"]
    put("private.jpg", "cat.jpg")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{stack.emulator_url}/{bucket}/private.jpg")  # noqa: S310  # http, on this machine
    policy = stack.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    foreign = policy.replace(stack.outputs["distribution_ids"]["edge_resize"], "E000000000000")
    assert foreign != policy
    stack.s3.put_bucket_policy(Bucket=bucket, Policy=foreign)
    try:
        assert viewer.get("private.jpg").status == 403
    finally:
        stack.s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert viewer.get("private.jpg").status == 200
