"""The zips under AWS's runtime client: start, invocation, error, timeout, and no work afterwards."""

import base64
import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from image_core import OUTPUT_VERSION
from PIL import Image

from tests.libs.lambda_runtime.processes import needs_proc
from tests.libs.s3_http.servers import REGION, bucket, moto_address, proxy, s3
from tools.bench.sandbox import Sandbox, run_function
from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.libs.s3_http.fault_proxy import FaultProxy

__all__ = ["bucket", "moto_address", "proxy", "s3"]

pytestmark = [pytest.mark.xdist_group("functions under the runtime"), needs_proc]

EVENTS = Path(__file__).parents[1] / "events"
IMAGES = Path(__file__).parents[1] / "images"
KEY = "uploads/cat.jpg"
PATH = f"{KEY}/v{OUTPUT_VERSION}_w427_h240_box_q80.webp"
HANG = b"this image hangs"

# Allowance for a busy machine: without a deadline the response would take an hour.
ALLOWANCE_SECONDS = 5
AFTERWARDS_SECONDS = 2

# A handler with a decoder that a crafted file keeps busy in C code, with much memory.
HANGING_HANDLER = """
import hashlib

import image_core.pipeline

real = image_core.pipeline.transform


def transform(data, *more):
    if data.endswith({hang!r}):
        ballast = bytearray(b"x" * 300_000_000)
        hashlib.pbkdf2_hmac("sha256", b"", b"", 2**31 - 1)
    return real(data, *more)


image_core.pipeline.transform = transform

from {module} import lambda_handler
"""


def load_event(name: str) -> Any:
    """Return an event of `tests/events`."""
    return json.loads((EVENTS / f"{name}.json").read_text())


def edge_event(bucket: str) -> Any:
    """Return a CloudFront event for `edge_resize` that requests a small WebP."""
    event = load_event("origin-request")
    request = event["Records"][0]["cf"]["request"]
    settings = {
        "x-env-bucket-name": bucket,
        "x-env-bucket-region": REGION,
        "x-env-quality": "80",
        "x-env-resized-path": "resized",
    }
    request["origin"]["s3"]["customHeaders"] = {
        name: [{"key": name, "value": value}] for name, value in settings.items()
    }
    request.update(uri=f"/{KEY}", querystring="size=XS&to_webp=1")
    return event


def url_event(_: str) -> Any:
    """Return a function URL event for `object_lambda` that requests a small WebP."""
    event = load_event("function-url")
    event.update(rawPath=f"/{KEY}", rawQueryString="size=XS&to_webp=1")
    return event


def path_event(_: str) -> Any:
    """Return a function URL event for `regional_resize` that requests a small WebP."""
    event = load_event("function-url")
    event.update(rawPath=f"/{PATH}")
    return event


def upload_event(bucket: str) -> Any:
    """Return an S3 event for the upload of an original."""
    return {"Records": [{"s3": {"bucket": {"name": bucket}, "object": {"key": KEY}}}]}


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """The unpacked functions and the bucket of the originals."""

    zips: Path
    folder: Path
    bucket: str
    s3: "S3Client"
    endpoint_url: str

    def start(self, name: str, handler: str | None = None) -> AbstractContextManager[Sandbox]:
        """Start a function with the handler in the zip, or with another one in the deployment's folder."""
        return run_function(
            self.zips / name,
            handler or f"{name}.handler.lambda_handler",
            self._environment(),
            folder=self.folder,
            extra_path=self.folder,
        )

    def upload(self, data: bytes) -> None:
        """Store an original."""
        self.s3.put_object(Bucket=self.bucket, Key=KEY, Body=data)

    def read_object(self, bucket: str, key: str) -> bytes:
        """Return the bytes of an object."""
        with self.s3.get_object(Bucket=bucket, Key=key)["Body"] as body:
            return body.read()

    def _environment(self) -> dict[str, str]:
        """Return the variables that Lambda and Terraform set, for all functions together."""
        return {
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example-key",
            "AWS_SESSION_TOKEN": "example-session",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "BUCKET_NAME": self.bucket,
            "SOURCE_BUCKET": self.bucket,
            "SOURCE_PREFIX": "uploads/",
            "DESTINATION_BUCKET": f"{self.bucket}-small",
            "DERIVATIVES_BUCKET_NAME": f"{self.bucket}-small",
            "DISTRIBUTIONS": "{}",
            "MAX_MONTHLY_PATHS": "0",
            "PURGE_QUEUE_URL": "https://sqs.example/000000000000/purge",
        }


@pytest.fixture
def deployment(zips: Path, tmp_path: Path, bucket: str, s3: "S3Client", proxy: "FaultProxy") -> Deployment:
    s3.create_bucket(Bucket=f"{bucket}-small", CreateBucketConfiguration={"LocationConstraint": REGION})
    return Deployment(zips=zips, folder=tmp_path, bucket=bucket, s3=s3, endpoint_url=proxy.url)


def edge_image(response: Any, deployment: Deployment) -> bytes | None:
    """Return the derivative that `edge_resize` requests from S3; None after a redirect to the original."""
    return deployment.read_object(deployment.bucket, response["uri"][1:]) if "uri" in response else None


def url_image(response: Any, _: Deployment) -> bytes | None:
    """Return the image in the response of `object_lambda`; None for an error response."""
    return base64.b64decode(response["body"]) if response["statusCode"] == 200 else None


def path_image(response: Any, deployment: Deployment) -> bytes | None:
    """Return the derivative that `regional_resize` returned and stored; None for an error response."""
    if response["statusCode"] != 200:
        return None
    data = base64.b64decode(response["body"])
    assert deployment.read_object(f"{deployment.bucket}-small", PATH) == data
    return data


def uploaded_image(response: Any, deployment: Deployment) -> bytes | None:
    """Return the derivative that `s3_trigger` stored; None after a failure."""
    return deployment.read_object(f"{deployment.bucket}-small", "cat.jpg") if "outcomes" in response else None


class Function(NamedTuple):
    """A function that transforms, with an event and a way to find the resulting image."""

    name: str
    event: Callable[[str], Any]
    image: Callable[[Any, Deployment], bytes | None]


FUNCTIONS = [
    Function("edge_resize", edge_event, edge_image),
    Function("object_lambda", url_event, url_image),
    Function("regional_resize", path_event, path_image),
    Function("s3_trigger", upload_event, uploaded_image),
]


@pytest.fixture(params=FUNCTIONS, ids=lambda function: function.name)
def function(request: pytest.FixtureRequest) -> Function:
    """Each function that transforms images."""
    found: Function = request.param
    return found


@pytest.fixture
def cat() -> bytes:
    """A JPEG photograph of 640 x 427 pixels."""
    return (IMAGES / "cat.jpg").read_bytes()


def check_image(data: bytes | None) -> None:
    """Check that the image is present and not wider than requested."""
    assert data is not None
    with Image.open(BytesIO(data)) as image:
        assert image.width <= 427


def test_a_cold_and_a_warm_invocation(function: Function, deployment: Deployment, cat: bytes) -> None:
    deployment.upload(cat)
    with deployment.start(function.name) as sandbox:
        for _ in range(2):
            outcome = sandbox.invoke(function.event(deployment.bucket))
            assert not outcome.is_error, outcome.body
            check_image(function.image(outcome.body, deployment))
            line = sandbox.log()[-1]
            assert (line["logger"], line["requestId"]) == (function.name, outcome.invocation_id)
            assert (line["level"], line["message"], line["key"]) == ("INFO", line["outcome"], KEY)
            assert set(line["spent_ms"]) <= {"lookup", "fetch", "transform", "store"}
            assert "reason" not in line
        assert len(sandbox.log()) == 2


def test_the_signer_signs_without_a_log_line(deployment: Deployment) -> None:
    with deployment.start("edge_signer") as sandbox:
        outcome = sandbox.invoke(load_event("origin-request-object-lambda"))
        assert outcome.body["headers"]["authorization"][0]["value"].startswith("AWS4-HMAC-SHA256 ")
        assert sandbox.lines() == []


def test_a_deleted_original_is_purged(deployment: Deployment) -> None:
    small = f"{deployment.bucket}-small"
    deployment.s3.put_object(Bucket=small, Key=f"{KEY}/v4_clean", Body=b"old")
    body = json.dumps({"detail": {"bucket": {"name": deployment.bucket}, "object": {"key": KEY}}})
    record = {"messageId": "1", "body": body, "attributes": {"ApproximateReceiveCount": "1"}}
    with deployment.start("purge") as sandbox:
        outcome = sandbox.invoke({"Records": [record]})
        assert outcome.body == {"batchItemFailures": []}
        [line] = sandbox.log()
        assert (line["logger"], line["outcome"], line["key"], line["deleted"]) == ("purge", "purged", KEY, 1)
    assert deployment.s3.list_objects_v2(Bucket=small)["KeyCount"] == 0


@pytest.mark.parametrize("name", ["object_lambda", "purge", "regional_resize", "s3_trigger"])
def test_an_event_of_another_service_is_an_error(deployment: Deployment, name: str) -> None:
    with deployment.start(name) as sandbox:
        outcome = sandbox.invoke({"source": "aws.events"})
        assert outcome.is_error
        assert outcome.body["errorType"] == "EventError"
        assert outcome.body["stackTrace"]


def test_a_missing_handler_is_an_error_of_the_start(deployment: Deployment) -> None:
    with (
        pytest.raises(ToolError, match=r"edge_resize\.missing.*Runtime\.ImportModuleError"),
        deployment.start("edge_resize", "edge_resize.missing.lambda_handler"),
    ):
        pass


def test_work_that_hangs_ends_with_the_response(
    function: Function,
    deployment: Deployment,
    cat: bytes,
    record_property: Callable[[str, object], None],
) -> None:
    code = HANGING_HANDLER.format(hang=HANG, module=f"{function.name}.handler")
    (deployment.folder / "hanging.py").write_text(code)
    with deployment.start(function.name, "hanging.lambda_handler") as sandbox:
        before_bytes = sandbox.resident_bytes()
        deployment.upload(cat + HANG)
        started = time.monotonic()
        outcome = sandbox.invoke(function.event(deployment.bucket), limit_seconds=6)
        took_seconds = time.monotonic() - started
        line = sandbox.log()[0]
        assert (line["level"], line["key"]) == ("WARNING", KEY)
        assert line["reason"]
        assert took_seconds < 6 + ALLOWANCE_SECONDS
        assert outcome.is_error or function.image(outcome.body, deployment) is None

        time.sleep(max(0.0, started + 6 + AFTERWARDS_SECONDS - time.monotonic()))
        assert len(sandbox.processes()) == 1
        grown_bytes = sandbox.resident_bytes() - before_bytes
        assert grown_bytes < 100_000_000
        used_seconds = sandbox.cpu_seconds()
        time.sleep(1)
        used_seconds = sandbox.cpu_seconds() - used_seconds
        assert used_seconds < 0.2
        record_property(
            "measured",
            f"{function.name}, work that hangs with 300 MB and a limit of 6 s: response after "
            f"{took_seconds:.1f} s, then {used_seconds:.2f} s of processor time in a second "
            f"and {grown_bytes / 1e6:.0f} MB more than before",
        )

        deployment.upload(cat)
        outcome = sandbox.invoke(function.event(deployment.bucket))
        check_image(function.image(outcome.body, deployment))
