"""The modules that a cold start imports from the zip, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.libs.lambda_runtime.processes import needs_proc
from tools.bench.cold_path import BUCKET, KEY, Contender, make_origin_request, measure_first_request
from tools.bench.s3_stand_in import serve
from tools.paths import PROJECT

pytestmark = [pytest.mark.xdist_group("functions under the runtime"), needs_proc]

# dataclasses, with inspect, takes 7 ms, and 0.7 ms for each class; a NamedTuple takes 0.1 ms.
SLOW = ("asyncio", "boto3", "botocore", "concurrent.futures", "dataclasses", "inspect", "requests", "urllib3")
# Imported while waiting for S3.
LATER = ("PIL", "image_core.options", "image_metadata", "lambda_runtime.child")
FORBIDDEN = {
    "edge_resize": (*SLOW, *LATER, "multiprocessing", "random", "urllib.request"),
    # logging is not on the list: the runtime of Lambda imports it before the function.
    "edge_signer": (*SLOW, "PIL", "email", "http", "pickle", "socket", "ssl"),
    "object_lambda": (*SLOW, *LATER, "random", "urllib.request"),
    "purge": (*SLOW, "PIL", "multiprocessing", "urllib.request", "xml"),
    "regional_resize": (*SLOW, *LATER, "multiprocessing", "random", "s3_http.listing", "urllib.request"),
}


@pytest.fixture(scope="module", params=FORBIDDEN)
def function(request: pytest.FixtureRequest) -> str:
    """Name of a function."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def loaded(function: str, zips: Path) -> set[str]:
    """The modules that the import of the handler loads from the zip and the standard library."""
    return set(run_python(f"import sys, {function}.handler; print(*sys.modules)", zips / function).split())


def run_python(code: str, folder: Path, *arguments: str, **variables: str) -> str:
    """Return the output of code that imports from a folder and the standard library."""
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-S", "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(folder)} | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


def test_slow_modules_are_not_imported(function: str, loaded: set[str]) -> None:
    assert f"{function}.handler" in loaded
    assert loaded & {*FORBIDDEN[function]} == set()


HIT = """
import json, sys
import edge_resize.derive, edge_resize.handler

class Context:
    aws_request_id = "1"

    def get_remaining_time_in_millis(self):
        return 30_000

edge_resize.derive.preload = int  # runs while S3 responds, and a hit does not wait for its end
edge_resize.handler.lambda_handler(json.loads(sys.argv[1]), Context())
print(*sys.modules)
"""


def test_a_hit_imports_nothing_for_other_requests(zips: Path) -> None:
    edge_resize = Contender(name="edge_resize", folder=zips / "edge_resize", module="edge_resize.handler")
    photograph = (PROJECT / "tests/images" / KEY).read_bytes()
    with serve(delay_seconds=0.0) as s3:
        s3.put(f"/{BUCKET}/{KEY}", photograph, {"Content-Type": "image/jpeg"})
        measure_first_request(edge_resize, s3.endpoint_url)
        s3.calls.clear()
        variables = {
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ENDPOINT_URL": s3.endpoint_url,
        }
        printed = run_python(HIT, edge_resize.folder, json.dumps(make_origin_request("S")), **variables)
        assert [call.method for call in s3.calls] == ["HEAD", "HEAD"]
    log, modules = printed.splitlines()
    assert json.loads(log)["outcome"] == "found"
    # For a host name in a str, `socket` imports the codec of IDNA.
    assert {*modules.split()} & {*FORBIDDEN["edge_resize"], "encodings.idna", "pickle"} == set()


@pytest.mark.parametrize("name", ["edge_resize", "object_lambda"])
def test_no_garbage_is_collected_during_the_import(name: str, zips: Path) -> None:
    code = f"""
import gc
collections = []
gc.callbacks.append(lambda phase, info: collections.append(phase))
import {name}.handler
print(len(collections), gc.isenabled(), gc.get_freeze_count() > 0)
"""
    assert run_python(code, zips / name).split() == ["0", "True", "True"]
    # Tools import other modules of a function, without the handler.
    assert run_python(f"import gc, {name}.settings; print(gc.isenabled())", zips / name) == "True\n"
