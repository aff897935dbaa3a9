"""Fresh processes: first requests, compared with the documented original, and imports of the functions."""

import json
import os
import statistics
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.s3_stand_in import S3StandIn, serve
from tools.build.project import find_functions
from tools.console import ToolError, step
from tools.process import CommandError, run

BUCKET = "photographs"
KEY = "sunset.jpg"
DERIVATIVE_FOLDER = "resized"
RUNS = 15
IMPORT_RUNS = 7
DELAYS_SECONDS = (0.0, 0.010)
FRESH_PROCESS = Path(__file__).with_name("fresh_process.py")


@dataclass(frozen=True, kw_only=True)
class Contender:
    """A measured function: the folder of its modules, and the module that defines `lambda_handler`."""

    name: str
    folder: Path
    module: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """Medians of the runs in milliseconds, and the S3 calls of one run."""

    contender: str
    case: str
    delay_ms: int
    import_ms: float
    first_request_ms: float
    cpu_ms: float
    calls: str
    round_trips: int


@dataclass(frozen=True, kw_only=True)
class FunctionRow:
    """A function before its first request.

    Attributes:
        function: name.
        zip_bytes: size of the zip.
        unpacked_bytes: size of its files.
        import_ms: median time to import the handler, in milliseconds.
        import_cpu_ms: median processor time of the process with the interpreter, in milliseconds.
    """

    function: str
    zip_bytes: int
    unpacked_bytes: int
    import_ms: float
    import_cpu_ms: float


def make_origin_request(size: str) -> dict[str, Any]:
    """Return the event that CloudFront sends for the sample photograph."""
    settings = {
        "x-env-bucket-name": BUCKET,
        "x-env-bucket-region": "us-east-1",
        "x-env-resized-path": DERIVATIVE_FOLDER,
        "x-env-quality": "80",
    }
    origin = {
        "authMethod": "none",
        "customHeaders": {name: [{"key": name, "value": value}] for name, value in settings.items()},
        "domainName": f"{BUCKET}.s3.us-east-1.amazonaws.com",
        "path": "",
        "region": "us-east-1",
    }
    request = {
        "clientIp": "203.0.113.7",
        "headers": {},
        "method": "GET",
        "origin": {"s3": origin},
        "querystring": f"size={size}&to_webp=0",
        "uri": f"/{KEY}",
    }
    config = {
        "distributionDomainName": "d111111abcdef8.cloudfront.net",
        "distributionId": "EDFDVBD6EXAMPLE",
        "eventType": "origin-request",
        "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
    }
    return {"Records": [{"cf": {"config": config, "request": request}}]}


def measure_first_request(contender: Contender, endpoint_url: str) -> dict[str, Any]:
    """Measure the first request of one fresh process."""
    measured = _run_fresh(contender, endpoint_url, json.dumps(make_origin_request("S")))
    if not str(measured["uri"]).startswith(f"/{DERIVATIVE_FOLDER}/"):
        raise ToolError(f"{contender.name} returned, in place of the derivative, {measured['uri']}")
    return measured


def _run_fresh(contender: Contender, endpoint_url: str, *events: str) -> dict[str, Any]:
    environment = {
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint_url,
        "PATH": os.defpath,
    }
    command = [sys.executable, "-I", str(FRESH_PROCESS), str(contender.folder), contender.module, *events]
    try:
        printed = run(command, environment=environment)
    except CommandError as error:
        raise ToolError(f"{contender.name} could not be measured: {error.words}") from error
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return measured


def _summarise(contender: Contender, case: str, stand_in: S3StandIn, runs: list[dict[str, Any]]) -> Row:
    medians = {
        name: statistics.median(run[name] for run in runs)
        for name in ("import_ms", "first_request_ms", "cpu_ms")
    }
    return Row(
        contender=contender.name,
        case=case,
        delay_ms=round(1000 * stand_in.delay_seconds),
        calls=" ".join(call.method for call in sorted(stand_in.calls, key=lambda call: call.started)),
        round_trips=stand_in.count_round_trips(),
        **medians,
    )


def _compare(contenders: list[Contender], photograph: bytes, delay_seconds: float) -> list[Row]:
    rows = []
    with serve(delay_seconds) as stand_in:
        for case in ("miss", "hit"):
            runs: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in contenders}
            # The contenders take turns, since the speed of a machine drifts.
            for contender in [one for _ in range(RUNS) for one in contenders]:
                if case == "miss":
                    stand_in.objects.clear()
                    stand_in.put(f"/{BUCKET}/{KEY}", photograph, {"Content-Type": "image/jpeg"})
                else:
                    measure_first_request(contender, stand_in.endpoint_url)
                stand_in.calls.clear()
                runs[contender.name].append(measure_first_request(contender, stand_in.endpoint_url))
                if len(runs[contender.name]) == RUNS:
                    rows.append(_summarise(contender, case, stand_in, runs[contender.name]))
    return rows


def measure_cold_path(project: Path) -> list[Row]:
    """Measure first requests in fresh processes: a miss and a hit at each delay of a round trip.

    Args:
        project: the checkout; `dist/edge_resize.zip` must have been built.

    Returns:
        One row per contender, case and delay.

    Raises:
        ToolError: the zip is missing, or a contender failed or returned another URI.
    """
    archive = project / "dist" / "edge_resize.zip"
    if not archive.is_file():
        raise ToolError("dist/edge_resize.zip is missing; run: ./invokew build")
    photograph = (project / "tests" / "images" / KEY).read_bytes()
    with tempfile.TemporaryDirectory() as unpacked:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(unpacked)
        contenders = [
            Contender(name="edge_resize.zip", folder=Path(unpacked), module="edge_resize.handler"),
            Contender(name="documented original", folder=Path(__file__).parent, module="documented_original"),
        ]
        rows = []
        for delay_seconds in DELAYS_SECONDS:
            with step(f"First requests at {1000 * delay_seconds:.0f} ms a round trip"):
                rows += _compare(contenders, photograph, delay_seconds)
    return rows


def measure_functions(project: Path) -> list[FunctionRow]:
    """Measure the size of the zip and the import of each function. `dist` must have been built.

    Raises:
        ToolError: a zip is missing, or a function could not be imported.
    """
    rows = []
    with step("imports of the functions"):
        for function in [found.name for found in find_functions(project)]:
            archive = project / "dist" / f"{function}.zip"
            if not archive.is_file():
                raise ToolError(f"dist/{archive.name} is missing; run: ./invokew build")
            with tempfile.TemporaryDirectory() as unpacked, zipfile.ZipFile(archive) as packed:
                packed.extractall(unpacked)
                contender = Contender(name=function, folder=Path(unpacked), module=f"{function}.handler")
                runs = [_run_fresh(contender, "http://127.0.0.1:9") for _ in range(IMPORT_RUNS)]
                rows.append(
                    FunctionRow(
                        function=function,
                        zip_bytes=archive.stat().st_size,
                        unpacked_bytes=sum(member.file_size for member in packed.infolist()),
                        import_ms=statistics.median(run["import_ms"] for run in runs),
                        import_cpu_ms=statistics.median(run["cpu_ms"] for run in runs),
                    )
                )
    return rows
