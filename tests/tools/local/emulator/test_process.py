"""The emulator's process, IAM enforcement and the guard."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tools.console import ToolError
from tools.local import StackOptions
from tools.local.emulator.process import Emulator
from tools.local.stack import Stack
from tools.local.state import StateFolder
from tools.paths import PROJECT

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def listening(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname, parts.port)) == 0


def user_with(emulator: Emulator, *actions: str) -> "S3Client":
    """Return an S3 client of a user with only these permissions on the bucket `images`."""
    iam = emulator.session().client("iam", endpoint_url=emulator.url)
    name = "-".join(actions).replace(":", "-")
    iam.create_user(UserName=name)
    resources = ["arn:aws:s3:::images", "arn:aws:s3:::images/*"]
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resources}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="some", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return emulator.session().client(
        "s3",
        endpoint_url=emulator.url,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def error_code(client: "S3Client", call: str) -> str:
    with pytest.raises(ClientError) as raised:
        getattr(client, call)(Bucket="images", Key="missing")
    return raised.value.response["Error"]["Code"]


def test_all_files_are_in_the_folder_of_the_state(tmp_path: Path) -> None:
    with Emulator(StateFolder(tmp_path)) as emulator:
        identity = emulator.session().client("sts", endpoint_url=emulator.url).get_caller_identity()
        assert identity["Arn"] == "arn:aws:iam::000000000000:root"
        assert not emulator.crashed
    assert not listening(emulator.url)
    assert not emulator.crashed
    assert {path.name for path in tmp_path.iterdir()} == {"emulator.log", "requests.log", "tmp"}
    log = StateFolder(tmp_path).request_log.read_text("utf-8")
    assert f"POST {emulator.url.removeprefix('http://')} /" in log


def test_two_emulators_run_side_by_side(tmp_path: Path) -> None:
    with Emulator(StateFolder(tmp_path / "a")) as one, Emulator(StateFolder(tmp_path / "b")) as other:
        one.session().client("s3", endpoint_url=one.url).create_bucket(Bucket="only-in-one")
        found = other.session().client("s3", endpoint_url=other.url).list_buckets()["Buckets"]
        assert found == []


def test_policies_are_enforced_and_a_request_counts_as_tls(tmp_path: Path) -> None:
    """A missing permission is denied. A policy that denies plain HTTP does not apply."""
    with Emulator(StateFolder(tmp_path)) as emulator:
        s3 = emulator.session().client("s3", endpoint_url=emulator.url)
        s3.create_bucket(Bucket="images")
        s3.put_object(Bucket="images", Key="a", Body=b"x")
        deny = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::images/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        policy = {"Version": "2012-10-17", "Statement": [deny]}
        s3.put_bucket_policy(Bucket="images", Policy=json.dumps(policy))
        viewer = user_with(emulator, "s3:GetObject")
        assert viewer.get_object(Bucket="images", Key="a")["Body"].read() == b"x"
        with pytest.raises(ClientError, match="AccessDenied"):
            viewer.put_object(Bucket="images", Key="b", Body=b"x")


def test_a_missing_key_is_hidden_without_permission_to_list(tmp_path: Path) -> None:
    with Emulator(StateFolder(tmp_path)) as emulator:
        root = emulator.session().client("s3", endpoint_url=emulator.url)
        root.create_bucket(Bucket="images")
        reader = user_with(emulator, "s3:GetObject")
        lister = user_with(emulator, "s3:GetObject", "s3:ListBucket")
        codes = {
            (user, call): error_code(client, call)
            for user, client in (("root", root), ("reader", reader), ("lister", lister))
            for call in ("head_object", "get_object")
        }
    assert codes == {
        ("root", "head_object"): "404",
        ("root", "get_object"): "NoSuchKey",
        ("reader", "head_object"): "403",
        ("reader", "get_object"): "AccessDenied",
        ("lister", "head_object"): "404",
        ("lister", "get_object"): "NoSuchKey",
    }


def test_a_failed_start_names_the_log(tmp_path: Path) -> None:
    broken = Emulator(StateFolder(tmp_path), {"PYTHONHOME": str(tmp_path / "nowhere")})
    with pytest.raises(ToolError) as raised, broken:
        pass
    assert raised.value.message is not None
    assert raised.value.message.startswith("The AWS emulator did not start.\nLog: ")
    assert str(tmp_path / "emulator.log") in raised.value.message
    assert "encodings" in raised.value.message


def test_a_crash_of_the_emulator_ends_the_stack(tmp_path: Path) -> None:
    stack = Stack(StackOptions(folder=tmp_path))
    with stack.emulator:
        os.kill(stack.emulator.pid, signal.SIGKILL)
        with pytest.raises(ToolError, match="ended unexpectedly"):
            stack.wait()


BUSY = """
import pathlib, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)

def lambda_handler(event, context):
    pathlib.Path(event["began"]).touch()
    while True:
        time.sleep(1)
"""

PARENT = """
import io, json, sys, zipfile
from pathlib import Path
from tools.local.emulator.process import Emulator
from tools.local.state import StateFolder

folder, code = sys.argv[1:]
with Emulator(StateFolder(Path(folder))) as emulator:
    client = emulator.session().client("lambda", endpoint_url=emulator.url)
    role = emulator.session().client("iam", endpoint_url=emulator.url).create_role(
        RoleName="busy", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
    )["Role"]["Arn"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("busy.py", code)
    client.create_function(
        FunctionName="busy", Runtime="python3.13", Handler="busy.lambda_handler", Role=role,
        Code={"ZipFile": archive.getvalue()}, Timeout=600,
    )
    event = json.dumps({"began": folder + "/began"})
    client.invoke(FunctionName="busy", InvocationType="Event", Payload=event)
    print(emulator.pid, flush=True)
    sys.stdin.read()
"""


def processes_of(group: int) -> list[str]:
    command = ["ps", "-ww", "-e", "-o", "pgid=,pid=,stat=,args="]
    listed = subprocess.check_output(command, text=True)  # noqa: S603  # as above
    lines = [line.split(None, 3) for line in listed.splitlines()]
    return [f"{pid} {args}" for pgid, pid, stat, args in lines if int(pgid) == group and stat[0] != "Z"]


def wait_until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


@pytest.mark.parametrize("killed", ["the parent", "the guard", "the emulator"])
def test_no_sandbox_is_left_when_one_is_killed(tmp_path: Path, killed: str) -> None:
    """A running function that ignores SIGTERM is killed with the other processes."""
    with subprocess.Popen(  # noqa: S603  # the program above
        [sys.executable, "-c", PARENT, str(tmp_path), BUSY],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout is not None
        guard = int(parent.stdout.readline())
        assert wait_until((tmp_path / "began").exists)
        before = processes_of(guard)
        assert len(before) == 3
        [emulator] = [
            int(line.split()[0]) for line in before if "emulator.boot" in line and "guard.py" not in line
        ]
        pids = {"the parent": parent.pid, "the guard": guard, "the emulator": emulator}
        os.kill(pids[killed], signal.SIGKILL)
        assert wait_until(lambda: processes_of(guard) == []), processes_of(guard)
