"""Asynchronous invocations, failure destinations and alarms of the emulator."""

import io
import json
import os
import time
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tools.local.emulator.process import Emulator
from tools.local.state import StateFolder

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

pytestmark = pytest.mark.xdist_group("emulator")

# Records the times of the run, by the clock that all processes of a machine share.
HANDLER = """
import pathlib, time, uuid

def lambda_handler(event, context):
    began = time.monotonic()
    time.sleep(event["seconds"])
    pathlib.Path(event["folder"], uuid.uuid4().hex).write_text(f"{began} {time.monotonic()}")
"""
MAX_CONCURRENT = 2 * (os.cpu_count() or 1)


@pytest.fixture(scope="module")
def functions(emulator: Emulator) -> "LambdaClient":
    """Client of Lambda, with a function `sleeper`."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("sleeper.py", HANDLER)
    role = (
        emulator.session()
        .client("iam", endpoint_url=emulator.url)
        .create_role(
            RoleName="sleeper", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
        )
    )
    client = emulator.session().client("lambda", endpoint_url=emulator.url)
    client.create_function(
        FunctionName="sleeper",
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="sleeper.lambda_handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    client.get_waiter("function_active_v2").wait(FunctionName="sleeper")
    return client


def sleep(
    functions: "LambdaClient", folder: Path, seconds: float, kind: Literal["Event", "RequestResponse"]
) -> None:
    event = {"folder": str(folder), "seconds": seconds}
    functions.invoke(FunctionName="sleeper", InvocationType=kind, Payload=json.dumps(event).encode())


def wait_for(words: str, state: StateFolder) -> None:
    deadline = time.monotonic() + 60
    while words not in state.emulator_log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def runs(folder: Path, number: int) -> list[tuple[float, float]]:
    """Return start and end of each run, as soon as there are enough."""
    deadline = time.monotonic() + 60
    while len(found := [path for path in folder.iterdir() if path.stat().st_size]) < number:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return [(float(began), float(ended)) for began, ended in (path.read_text().split() for path in found)]


def test_a_burst_of_events_is_queued(functions: "LambdaClient", tmp_path: Path) -> None:
    """Asynchronous invocations are limited; a synchronous invocation does not wait for them."""
    events, synchronous = tmp_path / "events", tmp_path / "synchronous"
    for folder in (events, synchronous):
        folder.mkdir()
    for _ in range(2 * MAX_CONCURRENT + 1):
        sleep(functions, events, 2, "Event")  # a process may begin seconds after the others
    sleep(functions, synchronous, 0, "RequestResponse")
    found = runs(events, 2 * MAX_CONCURRENT + 1)
    at_once = [sum(began <= moment < ended for began, ended in found) for moment, _ in found]
    assert 1 < max(at_once) <= MAX_CONCURRENT
    [(_, done)] = runs(synchronous, 1)
    assert done < max(began for began, _ in found)


def test_a_failure_is_sent_with_the_permissions_of_the_role(
    emulator: Emulator, functions: "LambdaClient", emulator_state: StateFolder
) -> None:
    queues = emulator.session().client("sqs", endpoint_url=emulator.url)
    iam = emulator.session().client("iam", endpoint_url=emulator.url)
    url = queues.create_queue(QueueName="failures")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    functions.put_function_event_invoke_config(
        FunctionName="sleeper", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    functions.invoke(FunctionName="sleeper", InvocationType="Event", Payload=b'{"refused": true}')
    wait_for("may not send to the queue failures", emulator_state)

    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="sleeper", PolicyName="send", PolicyDocument=document)
    functions.invoke(FunctionName="sleeper", InvocationType="Event", Payload=b'{"refused": false}')

    [message] = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=20)["Messages"]
    assert json.loads(message["Body"])["requestPayload"] == {"refused": False}


def describe_alarms(emulator: Emulator) -> ET.Element:
    """Return the alarms in the Query protocol, which Terraform uses and boto3 does not."""
    query = urlencode({"Action": "DescribeAlarms", "Version": "2010-08-01"}).encode()
    request = AWSRequest(
        "POST", f"{emulator.url}/", {"Content-Type": "application/x-www-form-urlencoded"}, query
    )
    SigV4Auth(Credentials("test", "test"), "monitoring", "us-east-1").add_auth(request)
    prepared = request.prepare()
    prepared_request = urllib.request.Request(prepared.url, query, dict(prepared.headers))  # noqa: S310  # http, on this machine
    with urllib.request.urlopen(prepared_request) as response:  # noqa: S310  # as above
        return ET.fromstring(response.read())  # noqa: S314  # written by the emulator


def test_an_alarm_is_described_completely(emulator: Emulator) -> None:
    topic = "arn:aws:sns:us-east-1:000000000000:oncall"
    emulator.session().client("cloudwatch", endpoint_url=emulator.url).put_metric_alarm(
        AlarmName="failures",
        AlarmDescription="When the cause is gone: <redrive> & look",
        AlarmActions=[topic],
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": "failures"}],
        Statistic="Maximum",
        Period=60,
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=0,
        TreatMissingData="notBreaching",
    )
    response = describe_alarms(emulator)
    space = response.tag.partition("}")[0] + "}"
    [alarm] = response.findall(f".//{space}MetricAlarms/{space}member")
    texts = {child.tag.removeprefix(space): "".join(child.itertext()) for child in alarm}
    expected = {
        "AlarmName": "failures",
        "AlarmDescription": "When the cause is gone: <redrive> & look",
        "AlarmActions": topic,
        "OKActions": "",
        "ActionsEnabled": "true",
        "Dimensions": "QueueNamefailures",
        "Period": "60",
        "Statistic": "Maximum",
        "TreatMissingData": "notBreaching",
    }
    assert {name: texts.get(name) for name in expected} == expected
