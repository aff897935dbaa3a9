"""A deployment of s3_trigger: buckets and queue in moto, and the real function behind HTTP."""

import importlib
import json
import uuid
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

from tests.functions.s3_trigger.conftest import LambdaContext
from tests.libs.s3_http.servers import moto_address
from tools.backfill.deployment import Deployment, Target

if TYPE_CHECKING:
    from mypy_boto3_s3control import S3ControlClient

__all__ = ["moto_address"]

ACCOUNT = "123456789012"
REGION = "us-east-1"
PREFIX = "source-folder/"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:edge-images-s3-trigger"


def picture() -> bytes:
    """A small picture."""
    buffer = BytesIO()
    Image.new("RGB", (60, 40), "navy").save(buffer, format="PNG")
    return buffer.getvalue()


class FunctionServer(ThreadingHTTPServer):
    """Lambda's API for one function, which runs in this process.

    Attributes:
        function: what is called with the event; an error that it raises is the function's.
        full: Lambda has no room.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Invocation)
        self.function: Callable[[Any], Any] = lambda event: lambda_handler(event, LambdaContext())
        self.full = False


class _Invocation(BaseHTTPRequestHandler):
    server: FunctionServer

    def do_POST(self) -> None:
        """Invoke (Lambda API reference, "Invoke")."""
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert unquote(self.path) == f"/2015-03-31/functions/{FUNCTION_ARN}/invocations"
        if self.server.full:
            self._answer(
                429,
                {"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"},
                Error="TooManyRequestsException",
            )
            return
        try:
            answer = self.server.function(event)
        except Exception as error:  # noqa: BLE001 - Lambda tells of any
            self._answer(200, {"errorMessage": str(error)}, Function_Error="Unhandled")
        else:
            self._answer(200, answer)

    def _answer(self, status: int, body: object, **headers: str) -> None:
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
        """Nothing."""


@dataclass
class Library:
    """A deployment as its operator has it."""

    target: Target
    server: FunctionServer
    outputs: dict[str, Any]
    monkeypatch: pytest.MonkeyPatch

    @property
    def deployment(self) -> Deployment:
        """What Terraform made."""
        return self.target.deployment

    def put(self, name: str, body: bytes | None = None, prefix: str = PREFIX) -> None:
        """An original; without a body it is a picture."""
        self.target.s3.put_object(
            Bucket=self.deployment.source_bucket, Key=f"{prefix}{name}", Body=body or picture()
        )

    def keys(self, bucket: str) -> set[str]:
        """What is in a bucket."""
        return {found["Key"] for found in self.target.s3.list_objects_v2(Bucket=bucket).get("Contents", [])}

    def works_on(self, target: Target) -> None:
        """Have the commands find a deployment."""
        for command in ("backfill", "redrive"):
            # The package has the command under the name of the module.
            module = importlib.import_module(f"tools.backfill.{command}")
            self.monkeypatch.setattr(module, "find_target", lambda **_: target)

    def in_aws(self, jobs: "S3ControlClient") -> Target:
        """The deployment as where there is S3 Batch Operations; moto has none."""
        target = Target(session=self.target.session, endpoint_url=None, deployment=self.deployment)
        # Where its clients are cached.
        vars(target).update(s3=self.target.s3, functions=self.target.functions, jobs=jobs)
        return target


@pytest.fixture
def library(moto_address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """An empty deployment."""
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
    # moto waits in vain as long as SQS does.
    monkeypatch.setattr("tools.backfill.failure_queue._WAIT_SECONDS", 0)
    s3_client.cache_clear()
    with FunctionServer() as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        session = boto3.Session()
        queues = session.client("sqs")
        outputs = {
            "region": REGION,
            "account_id": ACCOUNT,
            "source_bucket": f"{name}-source",
            "source_prefix": PREFIX,
            "restore_prefix": "restore-folder/",
            "suffixes": [".jpg", ".png"],
            "destination_bucket": f"{name}-resized",
            "jobs_bucket": f"{name}-jobs",
            "batch_role_arn": f"arn:aws:iam::{ACCOUNT}:role/edge-images-backfill",
            "function_arn": FUNCTION_ARN,
            "failure_queue_url": queues.create_queue(QueueName=name)["QueueUrl"],
        }
        target = Target(session=session, endpoint_url=url, deployment=Deployment.of({"s3_trigger": outputs}))
        functions = session.client(
            "lambda",
            endpoint_url=f"http://127.0.0.1:{server.server_address[1]}",
            config=Config(retries={"total_max_attempts": 1}),
        )
        vars(target).update(functions=functions, queues=queues)
        for part in ("source", "resized", "jobs"):
            target.s3.create_bucket(Bucket=f"{name}-{part}")
        yield Library(target, server, outputs, monkeypatch)
        for client in (target.s3, functions, queues, s3_client()):
            client.close()
        server.shutdown()
    s3_client.cache_clear()


@contextmanager
def s3control() -> "Iterator[tuple[S3ControlClient, Stubber, list[Any]]]":
    """S3 Control by its own service model: what is sent is checked, and so is what the test lets it answer.

    With the parameters of every call, in order.
    """
    client = boto3.client(
        "s3control",
        region_name=REGION,
        aws_access_key_id="example",
        aws_secret_access_key="example",  # noqa: S106 - nothing is sent
    )
    calls: list[Any] = []
    client.meta.events.register(
        "provide-client-params.s3-control.*", lambda params, **_: calls.append(params)
    )
    with Stubber(client) as stubber:
        yield client, stubber, calls
    client.close()


@pytest.fixture
def control() -> "Iterator[tuple[S3ControlClient, Stubber, list[Any]]]":
    """S3 Control; every answer is asked for."""
    with s3control() as opened:
        yield opened
        opened[1].assert_no_pending_responses()
