"""Requests of Terraform are validated and their responses delayed; other clients are not affected."""

import asyncio
import io
import json
import zipfile
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.local.emulator.process import Emulator
from tools.local.emulator.terraform_requests import PAUSE_SECONDS, delay_responses

pytestmark = pytest.mark.xdist_group("emulator")

# Clients without validation: one that identifies as Terraform, and another.
OTHER = Config(parameter_validation=False, retries={"total_max_attempts": 1})
TERRAFORM = OTHER.merge(Config(user_agent_extra="APN/1.0 HashiCorp/1.0 Terraform/1.11.4"))
ROLE = "arn:aws:iam::000000000000:role/a"
BUCKET_ARN = "arn:aws:s3:::uploads"


def client(emulator: Emulator, service: Any, config: Config = TERRAFORM) -> Any:
    return emulator.session().client(service, endpoint_url=emulator.url, config=config)


@pytest.mark.parametrize(
    ("service", "operation", "members", "sentence"),
    [
        (
            "cloudfront",
            "create_origin_access_control",
            {
                "OriginAccessControlConfig": {
                    "Name": "a",
                    "SigningProtocol": "sigv4",
                    "SigningBehavior": "sometimes",
                    "OriginAccessControlOriginType": "s3",
                }
            },
            "OriginAccessControlConfig.SigningBehavior: 'sometimes' is none of ",
        ),
        (
            "iam",
            "create_role",
            {"RoleName": "a b", "AssumeRolePolicyDocument": "{}"},
            "iam:CreateRole: RoleName: 'a b' does not match ",
        ),
        (
            "logs",
            "create_log_group",
            {"logGroupName": ""},
            "logs:CreateLogGroup: logGroupName: '' has the length 0, below the minimum of 1.",
        ),
        (
            "s3",
            "put_bucket_versioning",
            {"Bucket": "uploads", "VersioningConfiguration": {"Status": "On"}},
            "VersioningConfiguration.Status: 'On' is none of Enabled, Suspended.",
        ),
    ],
)
def test_terraform_receives_the_problems(
    emulator: Emulator, service: str, operation: str, members: dict[str, Any], sentence: str
) -> None:
    client(emulator, "s3", OTHER).create_bucket(Bucket="uploads")
    with pytest.raises(ClientError) as caught:
        getattr(client(emulator, service), operation)(**members)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert sentence in caught.value.response["Error"]["Message"]


def test_other_clients_are_not_validated(emulator: Emulator) -> None:
    client(emulator, "iam", OTHER).create_role(RoleName="a b", AssumeRolePolicyDocument="{}")


def test_an_unknown_operation_is_rejected(emulator: Emulator) -> None:
    s3 = client(emulator, "s3")
    s3.meta.events.register(
        "before-sign.s3.ListBuckets", lambda request, **_: setattr(request, "method", "PATCH")
    )
    with pytest.raises(ClientError, match="s3 has no operation PATCH /"):
        s3.list_buckets()


def make_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.py", "def handler(event, context): ...\n")
    return file.getvalue()


@pytest.fixture(scope="module")
def functions(emulator: Emulator) -> Any:
    client(emulator, "iam").create_role(RoleName="a", AssumeRolePolicyDocument="{}")
    functions = client(emulator, "lambda")
    for name in ("resize", "other"):
        functions.create_function(
            FunctionName=name,
            Role=ROLE,
            Runtime="python3.13",
            Handler="a.handler",
            Code={"ZipFile": make_zip()},
        )
    return functions


def test_a_notification_needs_the_permission_first(emulator: Emulator, functions: Any) -> None:
    s3 = client(emulator, "s3")
    s3.create_bucket(Bucket="uploads")
    rule = {
        "LambdaFunctionArn": functions.get_function(FunctionName="resize")["Configuration"]["FunctionArn"],
        "Events": ["s3:ObjectCreated:*"],
    }
    wanted = {
        "Bucket": "uploads",
        "NotificationConfiguration": {"LambdaFunctionConfigurations": [rule]},
    }
    permission = {
        "FunctionName": "resize",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": "000000000000",
    }
    for number, source in enumerate((None, "arn:aws:s3:::another-bucket", BUCKET_ARN)):
        if source:
            functions.add_permission(**permission, StatementId=f"s{number}", SourceArn=source)
        if source != BUCKET_ARN:
            with pytest.raises(ClientError, match="Unable to validate the following destination"):
                s3.put_bucket_notification_configuration(**wanted)
    s3.put_bucket_notification_configuration(**wanted)
    assert "resize" in json.dumps(s3.get_bucket_notification_configuration(Bucket="uploads"))


def test_a_hundred_executions_stay_unreserved(functions: Any) -> None:
    functions.put_function_concurrency(FunctionName="other", ReservedConcurrentExecutions=100)
    with pytest.raises(ClientError, match=r"below its minimum value of \[100\]"):
        functions.put_function_concurrency(FunctionName="resize", ReservedConcurrentExecutions=801)
    functions.put_function_concurrency(FunctionName="resize", ReservedConcurrentExecutions=800)
    functions.put_function_concurrency(FunctionName="other", ReservedConcurrentExecutions=50)


TERRAFORM_AGENT = b"APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) aws-sdk-go-v2"


@pytest.mark.parametrize(
    ("method", "agent", "is_delayed"),
    [
        ("POST", TERRAFORM_AGENT, True),
        ("PUT", TERRAFORM_AGENT, True),
        ("GET", TERRAFORM_AGENT, False),
        ("PUT", b"Boto3/1.40 md/Botocore", False),
    ],
)
def test_only_responses_to_terraform_requests_with_a_body_are_delayed(
    monkeypatch: pytest.MonkeyPatch, method: str, agent: bytes, *, is_delayed: bool
) -> None:
    seen: list[Any] = []

    async def sleep(seconds: float) -> None:
        seen.append(seconds)

    async def emulator(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001  # ASGI's signature
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send(event: Any) -> None:
        seen.append(event["type"])

    monkeypatch.setattr(asyncio, "sleep", sleep)
    scope: Any = {"type": "http", "method": method, "headers": [(b"host", b"s3"), (b"user-agent", agent)]}
    asyncio.run(delay_responses(emulator)(scope, None, send))  # type: ignore[arg-type]  # nothing is received
    assert seen == [PAUSE_SECONDS] * is_delayed + ["http.response.start", "http.response.body"]
