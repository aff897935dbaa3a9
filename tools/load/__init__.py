"""Replay a trace against the local stack, and measure it: `invoke load`."""

import itertools
import time
import urllib.request
from collections.abc import Sequence

from tools.console import ToolError, step
from tools.load.nginx import find_nginx, serve_files
from tools.load.report import Memory, describe_server
from tools.load.running_stack import RunningStack, find_running_stack
from tools.load.site import WIDTHS, Site, open_site, temporary_folder
from tools.load.viewers import Responses, request_repeatedly
from tools.simulate.trace import TraceOptions, make_trace

__all__ = ["MAX_CONNECTIONS", "MAX_SECONDS", "load"]

MAX_SECONDS, MAX_CONNECTIONS = 3_600, 64
_VARIANTS = ("edge_resize", "object_lambda", "regional_resize")  # s3_trigger has one derivative
_TRACE = TraceOptions(requests=5_000, originals=60, sizes=len(WIDTHS), zipf=0.9, seed=1)
_COMPARED_SECONDS = 10.0


def load(*, variant: str, seconds: int, connections: int) -> None:
    """Send the requests of viewers to the running stack, and print rate, errors and memory.

    Args:
        variant: the variant to request.
        seconds: duration.
        connections: concurrent viewers.

    Raises:
        ToolError: no stack runs, an option is out of range, there were errors, or the memory grows.
    """
    if variant not in _VARIANTS:
        raise ToolError(f"--variant takes one of {', '.join(_VARIANTS)}, not {variant!r}.")
    if not 1 <= seconds <= MAX_SECONDS:
        raise ToolError(f"--seconds takes a number from 1 to {MAX_SECONDS}.")
    if not 1 <= connections <= MAX_CONNECTIONS:
        raise ToolError(f"--connections takes a number from 1 to {MAX_CONNECTIONS}.")
    stack = find_running_stack()
    stack.edge_url(variant)  # refuses a variant that the stack runs without, before the uploads
    site = open_site(stack, variant, "load")
    trace = make_trace(_TRACE)
    targets = [site.target(visit.original, visit.size or 0) for visit in trace]
    with step(f"Uploading {_TRACE.originals} originals"):
        for original in range(_TRACE.originals):
            site.upload(original)
    with step(f"Making up to {len(set(targets))} derivatives"):
        request_repeatedly(site.url, sorted(set(targets)), seconds=0, connections=4, watch=lambda: None)
    print(_describe_hits(stack, site, targets, connections), flush=True)
    _compare_with_nginx(site, targets, connections)
    responses, memory = _load_with_replacements(stack, site, targets, seconds, connections)
    print(memory.describe())
    if responses.errors:
        raise ToolError(f"There were errors: {dict(responses.errors)}")
    if growing := memory.growing():
        raise ToolError(f"The memory grows: {', '.join(growing)}")


def _describe_hits(stack: RunningStack, site: Site, targets: Sequence[str], connections: int) -> str:
    before = stack.usage()[stack.pid].cpu_seconds
    responses = request_repeatedly(
        site.url, targets, seconds=_COMPARED_SECONDS, connections=connections, watch=lambda: None
    )
    cpu_seconds = stack.usage()[stack.pid].cpu_seconds - before
    return describe_server(f"hits of the edge, {site.variant}", responses, cpu_seconds)


def _load_with_replacements(
    stack: RunningStack, site: Site, targets: Sequence[str], seconds: int, connections: int
) -> tuple[Responses, Memory]:
    """Send requests while an original is replaced each second, so that functions run."""
    samples: dict[str, list[int]] = {}
    replaced = itertools.cycle(range(_TRACE.originals))

    def watch() -> None:
        original = next(replaced)
        site.upload(original)
        site.purge(original)
        totals: dict[str, int] = {}
        for use in stack.usage().values():
            totals[use.name] = totals.get(use.name, 0) + use.memory_bytes
        for name, total in totals.items():
            samples.setdefault(name, []).append(total)

    before = stack.usage()[stack.pid].cpu_seconds
    responses = request_repeatedly(site.url, targets, seconds=seconds, connections=connections, watch=watch)
    cpu_seconds = stack.usage()[stack.pid].cpu_seconds - before
    print(describe_server("with a replaced original each second", responses, cpu_seconds))
    print("X-Cache: " + ", ".join(f"{word} {count:,}" for word, count in responses.x_cache.most_common()))
    return responses, Memory(samples=samples)


def _compare_with_nginx(site: Site, targets: Sequence[str], connections: int) -> None:
    """Print the rate of nginx with the same bodies, which it reads from files."""
    program = find_nginx()
    if program is None:
        print("nginx is not installed: no comparison.")
        return
    folder = temporary_folder(site.stack, f"nginx-{time.time_ns()}")
    images = folder / "images"
    images.mkdir()
    names = {target: f"{number}.jpg" for number, target in enumerate(dict.fromkeys(targets))}
    for target, name in names.items():
        with urllib.request.urlopen(site.url + target) as response:  # noqa: S310  # 127.0.0.1
            (images / name).write_bytes(response.read())
    with serve_files(program, folder) as nginx:
        files = [f"/{names[target]}" for target in targets]
        before = nginx.cpu_seconds()
        responses = request_repeatedly(
            nginx.url, files, seconds=_COMPARED_SECONDS, connections=connections, watch=lambda: None
        )
        cpu_seconds = nginx.cpu_seconds() - before
    print(describe_server("nginx, the same files", responses, cpu_seconds), flush=True)
