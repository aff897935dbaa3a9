"""Transforms behind HTTP: the zip of object_lambda under AWS's runtime client, beside thumbor.

Both read the same originals over HTTP from the same stand-in for S3, and neither keeps anything: every
request is a miss of all caches.
"""

import base64
import http.client
import socket
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, override
from urllib.parse import urlsplit

from tools.bench.environment import Peers
from tools.bench.images import SIZES, orient_box
from tools.bench.processes import measure_cpu_seconds, measure_resident_bytes
from tools.bench.s3_stand_in import serve as serve_s3
from tools.bench.sandbox import Sandbox, run_function
from tools.bench.worker import Similarity
from tools.console import ToolError, step
from tools.process import DEVNULL, clean_environment, start

FUNCTION, THUMBOR = "object_lambda.zip", "thumbor"
ROUNDS = 2
SERVICE_SIZES = ("S", "SM")
OUTPUTS = ("JPEG", "WEBP")

_BUCKET = "photographs"
_MEMORY_MB = 1_769  # one vCPU
_START_SECONDS = 60.0
_THUMBOR_SETTINGS = """
ALLOWED_SOURCES = ["127.0.0.1"]
RESPECT_ORIENTATION = True
STORAGE = "thumbor.storages.no_storage"
"""


@dataclass(frozen=True, kw_only=True)
class ServiceRow:
    """Requests to one service for one output format.

    Attributes:
        service: FUNCTION or THUMBOR.
        output: format of the derivatives.
        per_second: transforms per second of processor time of all processes of the service.
        size_bytes: size of each derivative.
        ssim: mean SSIM of the derivatives.
        resident_mib: resident memory in MiB of the processes after the last request.
    """

    service: str
    output: str
    per_second: float
    size_bytes: Sequence[int]
    ssim: float
    resident_mib: float


@dataclass(frozen=True, kw_only=True)
class Service:
    """A running service.

    Attributes:
        name: FUNCTION or THUMBOR.
        address: host and port.
        pid: its first process.
        path_of: from the name of a photograph, a box in pixels and a format to the path of a derivative.
    """

    name: str
    address: str
    pid: int
    path_of: Callable[[str, tuple[int, int], str], str]


def measure_services(project: Path, peers: Peers, photographs: Sequence[Path]) -> list[ServiceRow]:
    """Request every photograph in two sizes and two formats from both services, in turn.

    Args:
        project: the checkout; `dist/object_lambda.zip` must have been built.
        peers: the installed peers, with thumbor.
        photographs: JPEG files.

    Raises:
        ToolError: the zip is missing, a service did not start or did not respond with an image.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = stack.enter_context(serve_s3(delay_seconds=0.0))
        for photograph in photographs:
            s3.put(f"/{_BUCKET}/{photograph.name}", photograph.read_bytes(), {"Content-Type": "image/jpeg"})
        services = [
            stack.enter_context(run_object_lambda(project / "dist", s3.endpoint_url, folder)),
            stack.enter_context(_run_thumbor(peers, s3.endpoint_url, folder)),
        ]
        similarity = stack.enter_context(Similarity(peers))
        rows = []
        for output in OUTPUTS:
            with step(f"services, JPEG to {output}"):
                rows += _compare(services, similarity, photographs, output, folder)
    return rows


def _compare(
    services: Sequence[Service],
    similarity: Similarity,
    photographs: Sequence[Path],
    output: str,
    folder: Path,
) -> list[ServiceRow]:
    requests = [
        (photograph, orient_box(SIZES[size], tall=similarity.is_tall(photograph)))
        for photograph in photographs
        for size in SERVICE_SIZES
    ]
    made = folder / "made"
    sizes: dict[str, list[int]] = {service.name: [] for service in services}
    ssims: dict[str, list[float]] = {service.name: [] for service in services}
    cpu_seconds = dict.fromkeys(sizes, 0.0)
    # The first round warms up, and its derivatives are compared with the originals.
    for photograph, box in requests:
        for service in services:
            made.write_bytes(get(service, photograph.name, box, output))
            sizes[service.name].append(made.stat().st_size)
            ssims[service.name].append(similarity.measure(photograph, made))
    for _ in range(ROUNDS):
        for service in services:
            before = measure_cpu_seconds(service.pid)
            for photograph, box in requests:
                get(service, photograph.name, box, output)
            cpu_seconds[service.name] += measure_cpu_seconds(service.pid) - before
    return [
        ServiceRow(
            service=service.name,
            output=output,
            per_second=ROUNDS * len(requests) / cpu_seconds[service.name],
            size_bytes=sizes[service.name],
            ssim=statistics.fmean(ssims[service.name]),
            resident_mib=measure_resident_bytes(service.pid) / 2**20,
        )
        for service in services
    ]


def get(service: Service, name: str, box: tuple[int, int], output: str) -> bytes:
    """Return a derivative.

    Args:
        service: the service.
        name: name of the photograph.
        box: width and height in pixels, oriented like the photograph.
        output: JPEG or WEBP.

    Raises:
        ToolError: the response is no image of this format.
    """
    connection = http.client.HTTPConnection(service.address, timeout=_START_SECONDS)
    try:
        connection.request("GET", service.path_of(name, box, output))
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    content_type = response.headers["Content-Type"]
    if (response.status, content_type) != (HTTPStatus.OK, f"image/{output.lower()}"):
        raise ToolError(f"{service.name} responded to {name} with {response.status} and {content_type}.")
    return body


@contextmanager
def run_object_lambda(dist: Path, s3_url: str, folder: Path) -> Iterator[Service]:
    """Run the zip of object_lambda behind a function URL.

    Args:
        dist: folder of the zip.
        s3_url: URL of the server that stands in for S3.
        folder: folder for the unpacked zip and the log.

    Raises:
        ToolError: the zip is missing, or the function did not start.
    """
    archive = dist / FUNCTION
    if not archive.is_file():
        raise ToolError(f"dist/{FUNCTION} is missing; run: ./invokew build")
    code = folder / archive.stem
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(code)
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_ENDPOINT_URL": s3_url,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(_MEMORY_MB),
        "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "BUCKET_NAME": _BUCKET,
    }
    with run_function(code, "object_lambda.handler.lambda_handler", environment, folder=folder) as sandbox:
        handler = type("Handler", (_FunctionUrl,), {"sandbox": sandbox})
        with HTTPServer(("127.0.0.1", 0), handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield Service(
                    name=FUNCTION,
                    address=f"127.0.0.1:{server.server_port}",
                    pid=sandbox.pid,
                    path_of=_path_in_object_lambda,
                )
            finally:
                server.shutdown()


def _path_in_object_lambda(name: str, box: tuple[int, int], output: str) -> str:
    # The function swaps the sides of a box for tall images by itself.
    size = next(size for size in SERVICE_SIZES if sorted(SIZES[size]) == sorted(box))
    return f"/{name}?size={size}&to_webp={int(output == 'WEBP')}"


class _FunctionUrl(BaseHTTPRequestHandler):
    """A Lambda function URL: a request becomes an event, and the result of the function a response.

    In AWS this is the work of Lambda, so it does not count as work of the function.
    """

    sandbox: Sandbox

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        outcome = self.sandbox.invoke(
            {
                "version": "2.0",
                "rawPath": url.path,
                "rawQueryString": url.query,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "requestContext": {"http": {"method": "GET", "path": url.path}},
                "isBase64Encoded": False,
            }
        )
        if outcome.is_error:
            self.send_error(HTTPStatus.BAD_GATEWAY)
            return
        result: Mapping[str, Any] = outcome.body
        body = base64.b64decode(result["body"])
        self.send_response(result["statusCode"])
        for name, value in result["headers"].items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def _run_thumbor(peers: Peers, s3_url: str, folder: Path) -> Iterator[Service]:
    settings = folder / "thumbor.conf"
    settings.write_text(_THUMBOR_SETTINGS, encoding="utf-8")
    port = _find_free_port()
    options: list[str | Path] = [
        "--ip",
        "127.0.0.1",
        "--port",
        str(port),
        "--conf",
        settings,
        "--log-level",
        "error",
    ]
    process = start(
        [peers.thumbor, "-E", "-s", "-m", "thumbor.server", *options],
        cwd=folder,
        environment=clean_environment(),
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
    )

    def path_of(name: str, box: tuple[int, int], output: str) -> str:
        width, height = box
        # The URL of the original without its scheme, which thumbor adds.
        source = f"{urlsplit(s3_url).netloc}/{_BUCKET}/{name}"
        return f"/unsafe/fit-in/{width}x{height}/filters:format({output.lower()})/{source}"

    service = Service(name=THUMBOR, address=f"127.0.0.1:{port}", pid=process.pid, path_of=path_of)
    try:
        _wait_until_healthy(service)
        yield service
    finally:
        process.kill()
        process.wait()


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(service: Service) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection(service.address, timeout=1)
        try:
            connection.request("GET", "/healthcheck")
            if connection.getresponse().status == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise ToolError(f"{service.name} did not start within {_START_SECONDS:.0f} s.")
