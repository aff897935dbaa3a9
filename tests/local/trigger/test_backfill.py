"""Bursts of uploads, and originals that were uploaded before the deployment."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.local.trigger.conftest import PREFIX, Uploads, wait_until
from tools.backfill.backfill import Work, run_backfill
from tools.backfill.manifest import list_originals, write_manifest
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("trigger")

CAT = (SAMPLES / "cat.jpg").read_bytes()


def put_many(uploads: Uploads, names: list[str], broken: int = 0) -> None:
    with ThreadPoolExecutor(8) as executor:
        bodies = [b"broken"] * broken + [CAT] * (len(names) - broken)
        list(executor.map(uploads.put, names, bodies))


def count_derivatives(uploads: Uploads, folder: str) -> int:
    pages = uploads.stack.s3.get_paginator("list_objects_v2").paginate(
        Bucket=uploads.destination, Prefix=folder
    )
    return sum(page["KeyCount"] for page in pages)


def test_a_burst(uploads: Uploads, record_property: Callable[[str, object], None]) -> None:
    number = 60
    started = time.monotonic()
    put_many(uploads, [f"burst/{index:03}.jpg" for index in range(number)])
    wait_until(lambda: count_derivatives(uploads, "burst/") == number, seconds=240)
    record_property("ms_per_image", round(1000 * (time.monotonic() - started) / number))


def test_a_backfill(uploads: Uploads, tmp_path: Path) -> None:
    number, broken = 30, 3
    names = [f"old/{index:03} é+.jpg" for index in range(number)]
    with uploads.without_notifications():
        put_many(uploads, names, broken)
        keys = [
            found.key
            for found in list_originals(uploads.stack.s3, uploads.deployment.outputs)
            if "/old/" in found.key
        ]
        assert sorted(keys) == [f"{PREFIX}{name}" for name in names]
        manifest = tmp_path / "manifest.csv"
        write_manifest(manifest, uploads.source, keys)

        first = run_backfill(Work(deployment=uploads.deployment), manifest, len(keys))
        before = uploads.proxy.requests_for("old/")
        again = run_backfill(Work(deployment=uploads.deployment), manifest, len(keys))

    assert first.outcomes == {"made": number - broken}
    assert set(first.reasons) == {f"{PREFIX}{name}" for name in names[:broken]}
    assert count_derivatives(uploads, "old/") == number - broken
    assert again.outcomes == {"current": number - broken}
    assert set(again.reasons) == set(first.reasons)
    # The second run reads only the broken originals. Requests are counted at the source, since the trigger of
    # the destination may still send requests for the derivatives.
    requests = uploads.proxy.requests_for("old/") - before
    heads = {("HEAD", f"{PREFIX}{name}") for name in names}
    reads = {("GET", f"{PREFIX}{name}") for name in names[:broken]}
    assert {
        request: times for request, times in requests.items() if request[1].startswith(PREFIX)
    } == dict.fromkeys(heads | reads, 1)
    assert not any(method == "PUT" for method, _ in requests)
