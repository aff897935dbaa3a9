"""Measure on the local stack what a cache miss takes: runs, processor time, S3 requests and log.

The original is a camera's JPEG of 12 megapixels. The local stack runs the real zips, so that the requests to
S3 and the bytes of the log are those of AWS. The processor time is that of the sandboxes on this machine. The
waiting time for S3 is added by `tools.cost.events`, since an emulator on the same machine has none.
"""

import json
import platform
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tools.cost.events import FILE, LOG_EVENT_BYTES, Event
from tools.load.running_stack import RunningStack, find_running_stack
from tools.paths import SAMPLES

_ORIGINAL = SAMPLES / "sunset.jpg"
_COPIES = 20
_WIDTHS = (384, 640, 1080)
_ACCEPTS = {"avif": "image/avif,image/webp,*/*", "webp": "image/webp,*/*", "jpeg": "*/*"}
_SETTLE_SECONDS = 1.0
_MAX_WAITS = 60
_VARIANTS = ("edge_resize", "object_lambda", "regional_resize", "s3_trigger")


@dataclass
class _Bench:
    """The running stack and its S3 client."""

    stack: RunningStack
    s3: Any

    def measure(self, function: str, work: Callable[[], int]) -> Event:
        """Do the work, and return what one piece of the work took."""
        mark = self.stack.mark()
        before = self._cpu_seconds(function)
        pieces = work()
        time.sleep(_SETTLE_SECONDS)  # the last lines of the logs
        cpu = self._cpu_seconds(function) - before
        log = self.stack.read_function_log(mark, function)
        requests = self.stack.read_s3_requests(mark)
        return Event(
            runs=sum(line.startswith("START ") for line in log) / pieces,
            cpu_seconds=round(cpu / pieces, 4),
            reads=(requests["GET"] + requests["HEAD"]) / pieces,
            writes=requests["PUT"] / pieces,
            log_bytes=round(sum(len(line.encode()) + LOG_EVENT_BYTES for line in log) / pieces),
        )

    def _cpu_seconds(self, function: str) -> float:
        name = function.replace("_", "-")
        return sum(use.cpu_seconds for use in self.stack.usage().values() if name in use.name)


def measure() -> Path:
    """Measure all variants of the running stack, and write the file of measurements.

    Variants that do not run keep the values of the file.
    """
    stack = find_running_stack()
    bench = _Bench(stack, stack.client("s3"))
    document = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {"events": {}}
    for variant in _VARIANTS:
        if variant in stack.edge_urls:
            events = _measure_variant(bench, variant)
            document["events"][variant] = {name: asdict(event) for name, event in events.items()}
    document |= {
        "date": datetime.now(UTC).date().isoformat(),
        "command": "./invokew cost --measure",
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "original": f"{_ORIGINAL.name}, {_ORIGINAL.stat().st_size} bytes",
    }
    FILE.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return FILE


def _measure_variant(bench: _Bench, variant: str) -> dict[str, Event]:
    names = [bucket["Name"] for bucket in bench.s3.list_buckets()["Buckets"]]
    originals = min(names, key=len)  # the other buckets have a word more in their names
    prefix = "source-folder/" if variant == "s3_trigger" else ""
    stamp = f"measured-{time.time_ns()}"
    keys = [f"{stamp}/{number}.jpg" for number in range(_COPIES)]
    body = _ORIGINAL.read_bytes()

    def upload(names: Sequence[str]) -> int:
        for name in names:
            bench.s3.put_object(Bucket=originals, Key=prefix + name, Body=body, ContentType="image/jpeg")
        return len(names)

    def request(generation: int) -> int:
        url, count = bench.stack.edge_url(variant), 0
        for key in keys:
            for width in _WIDTHS:
                accept = list(_ACCEPTS.values())[(count + generation) % len(_ACCEPTS)]
                query = "" if variant == "s3_trigger" else f"?width={width}&format=auto"
                _get(f"{url}/{key}{query}", accept)
                count += 1
        return count

    if variant == "s3_trigger":
        upload([f"{stamp}/warm-{number}.jpg" for number in range(4)])
        time.sleep(10)
        made = bench.measure(variant, lambda: _upload_and_wait(bench, upload, keys))
        # One size: the other requests of a key are hits of the edge.
        hit = bench.measure(variant, lambda: request(0) // len(_WIDTHS))
        return {"make": _without_upload(made), "hit": hit}
    upload(keys)
    make = bench.measure(variant, lambda: request(0))
    if variant == "object_lambda":
        return {"make": make}
    _empty_cache(bench)
    return {"make": make, "hit": bench.measure(variant, lambda: request(0))}


def _upload_and_wait(bench: _Bench, upload: Callable[[Sequence[str]], int], keys: Sequence[str]) -> int:
    mark = bench.stack.mark()
    count = upload(keys)
    for _ in range(_MAX_WAITS):
        time.sleep(_SETTLE_SECONDS)
        log = bench.stack.read_function_log(mark, "s3_trigger")
        if sum(line.startswith("REPORT ") for line in log) >= count:
            break
    return count


def _without_upload(event: Event) -> Event:
    """Return the event without the PUT of the user, which costs the same without this product."""
    return Event(**(asdict(event) | {"writes": event.writes - 1}))


def _empty_cache(bench: _Bench) -> None:
    cloudfront = bench.stack.client("cloudfront")
    for item in cloudfront.list_distributions()["DistributionList"]["Items"]:
        batch = {"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": str(time.time_ns())}
        cloudfront.create_invalidation(DistributionId=item["Id"], InvalidationBatch=batch)


def _get(url: str, accept: str) -> None:
    request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310  # 127.0.0.1
    with urllib.request.urlopen(request) as response:  # noqa: S310  # 127.0.0.1
        response.read()
