"""A deployment of s3_trigger: buckets and queue in moto, and the real function behind HTTP."""

import importlib
import json
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from PIL import Image
from s3_trigger.handler import lambda_handler, s3_client

from tests.functions.context import LambdaContext
from tests.libs.s3_http.servers import moto_address
from tools.backfill.outputs import TriggerOutputs
from tools.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3control import S3ControlClient

__all__ = ["moto_address"]

type Control = tuple["S3ControlClient", Stubber, list[Any]]

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
PREFIX = "source-folder/"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:edge-images-s3-trigger"

JOB = "00e123a4-c0d8-41f4-a0eb-b46f9ba5b07c"


def make_image() -> bytes:
    """Return a small PNG."""
    buffer = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(buffer, format="PNG")
    return buffer.getvalue()


class FunctionServer(ThreadingHTTPServer):
    """Lambda's API for one function, which runs in this process.

    Attributes:
        function: called with the event; an exception becomes an error of the function.
        exhausted: the concurrency is exhausted.
        log: the log of the latest invocation.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Invocation)
        self.function: Callable[[Any], Any] = lambda event: lambda_handler(event, LambdaContext())
        self.exhausted = False
        self.log = ""


class _Invocation(BaseHTTPRequestHandler):
    server: FunctionServer

    def do_POST(self) -> None:
        """Respond to Invoke (Lambda API reference, "Invoke")."""
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert unquote(self.path) == f"/2015-03-31/functions/{FUNCTION_ARN}/invocations"
        if self.server.exhausted:
            self._respond(
                429,
                {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"},
                Error="TooManyRequestsException",
            )
            return
        assert self.headers["X-Amz-Log-Type"] == "Tail"
        try:
            response = self.server.function(event)
        except Exception as error:  # noqa: BLE001 - Lambda reports every exception
            self._respond(200, {"errorMessage": str(error)}, Function_Error="Unhandled")
        else:
            self._respond(200, response, Log_Result=b64encode(self.server.log.encode()[-4096:]).decode())

    def _respond(self, status: int, body: object, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(
                {"Error": "x-amzn-ErrorType"}.get(name, f"X-Amz-{name.replace('_', '-')}"), value
            )
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it has in the base class
        """Print nothing."""


@dataclass
class FakeAccount:
    """The account of the deployment."""

    deployment: Deployment[TriggerOutputs]
    server: FunctionServer
    raw_outputs: dict[str, Any]
    monkeypatch: pytest.MonkeyPatch

    @property
    def outputs(self) -> TriggerOutputs:
        """Outputs of Terraform."""
        return self.deployment.outputs

    def put(self, name: str, body: bytes | None = None, prefix: str = PREFIX) -> None:
        """Put an original; without a body, a small PNG."""
        self.deployment.s3.put_object(
            Bucket=self.outputs.source_bucket, Key=f"{prefix}{name}", Body=body or make_image()
        )

    def keys(self, bucket: str) -> set[str]:
        """Return the keys in a bucket."""
        return {
            found["Key"] for found in self.deployment.s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        }

    def works_on(self, deployment: Deployment[Any]) -> None:
        """Make the commands find a deployment."""
        for command in ("backfill", "redrive"):
            # In the package, the name of the module is the command.
            module = importlib.import_module(f"tools.backfill.{command}")
            self.monkeypatch.setattr(module, "find_deployment", lambda *_, **__: deployment)

    def in_aws(self, jobs: "S3ControlClient") -> Deployment[TriggerOutputs]:
        """Return the deployment with S3 Batch Operations, which moto does not have."""
        deployment = Deployment(session=self.deployment.session, endpoint_url=None, outputs=self.outputs)
        # The cached properties.
        vars(deployment).update(s3=self.deployment.s3, functions=self.deployment.functions, jobs=jobs)
        return deployment


def functions_client(session: boto3.Session, server: FunctionServer) -> "LambdaClient":
    """Return a client of the server that does not repeat a request."""
    return session.client(
        "lambda",
        endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def account(moto_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccount]:
    """An account with an empty deployment."""
    url, name = "http://{}:{}".format(*moto_address), uuid.uuid4().hex
    environment = {
        "AWS_ACCESS_KEY_ID": "example",
        "AWS_SECRET_ACCESS_KEY": "example",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": url,
        "SOURCE_BUCKET": f"{name}-source",
        "DESTINATION_BUCKET": f"{name}-resized",
    }
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    # moto waits as long as SQS would.
    monkeypatch.setattr("tools.backfill.failure_queue._WAIT_SECONDS", 0)
    s3_client.cache_clear()
    with FunctionServer() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        session = boto3.Session()
        queues = session.client("sqs")
        functions = functions_client(session, server)
        raw_outputs = {
            "region": REGION,
            "account_id": ACCOUNT_ID,
            "source_bucket": f"{name}-source",
            "source_prefix": PREFIX,
            "restore_prefix": "restore-folder/",
            "suffixes": [".jpg", ".png"],
            "destination_bucket": f"{name}-resized",
            "jobs_bucket": f"{name}-jobs",
            "batch_role_arn": f"arn:aws:iam::{ACCOUNT_ID}:role/edge-images-backfill",
            "function_arn": FUNCTION_ARN,
            "failure_queue_url": queues.create_queue(QueueName=name)["QueueUrl"],
        }
        deployment = Deployment(
            session=session,
            endpoint_url=url,
            outputs=TriggerOutputs.from_terraform({"s3_trigger": raw_outputs}),
        )
        vars(deployment).update(functions=functions, queues=queues)
        for part in ("source", "resized", "jobs"):
            deployment.s3.create_bucket(Bucket=f"{name}-{part}")
        yield FakeAccount(deployment, server, raw_outputs, monkeypatch)
        for client in (deployment.s3, functions, queues, s3_client()):
            client.close()
        server.shutdown()
    s3_client.cache_clear()


def job_response(status: str, succeeded: int = 0, failed: int = 0, **more: Any) -> dict[str, Any]:
    """Response to DescribeJob."""
    progress = {
        "TotalNumberOfTasks": 10,
        "NumberOfTasksSucceeded": succeeded,
        "NumberOfTasksFailed": failed,
    }
    return {"Job": {"JobId": JOB, "Status": status, "ProgressSummary": progress, **more}}


@contextmanager
def s3control() -> Iterator[Control]:
    """Yield a client of S3 Control, its stubber, and the parameters of all requests so far.

    The stubber checks requests and responses against the service model.
    """
    client = boto3.client(
        "s3control",
        region_name=REGION,
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - no request is sent
    )
    calls: list[Any] = []
    client.meta.events.register(
        "provide-client-params.s3-control.*", lambda params, **_: calls.append(params)
    )
    with Stubber(client) as stubber:
        yield client, stubber, calls
    client.close()


@pytest.fixture
def control() -> Iterator[Control]:
    """S3 Control as of `s3control`; every stubbed response must be requested."""
    with s3control() as opened:
        yield opened
        opened[1].assert_no_pending_responses()
