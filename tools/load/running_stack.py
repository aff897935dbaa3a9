"""The running local stack as measured from outside: its addresses, its processes, its logs."""

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from boto3.session import Session

from tools.console import ToolError
from tools.local.emulator.names import REGION, ROOT_KEY
from tools.local.logs import previous_log
from tools.local.state import StateFolder, read_running
from tools.paths import STATE

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SANDBOX = "ministack-lambda-"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Use of one process.

    Attributes:
        name: `edge`, `emulator`, or the name of a function in one of its sandboxes.
        cpu_seconds: time on a core since the start of the process, all threads together, and for a sandbox
            also the processes in which it decoded images.
        memory_bytes: resident memory.
    """

    name: str
    cpu_seconds: float
    memory_bytes: int


@dataclass(frozen=True, kw_only=True)
class RunningStack:
    """The stack that `invoke up` started.

    Attributes:
        state: folder of the stack.
        pid: process of the stack, in which the edge runs.
        edge_urls: variant => base URL.
        emulator_url: endpoint of all AWS services.
    """

    state: StateFolder
    pid: int
    edge_urls: Mapping[str, str]
    emulator_url: str

    def edge_url(self, variant: str) -> str:
        """Return the base URL of a variant.

        Raises:
            ToolError: the stack runs without the variant.
        """
        if variant not in self.edge_urls:
            raise ToolError(
                f"The local stack runs without {variant}: ./invokew up --detach --variants {variant}"
            )
        return self.edge_urls[variant]

    def usage(self) -> dict[int, Usage]:
        """Return the use of each process of the stack by its pid. Linux only: read from /proc."""
        found = {}
        children = _children()
        waiting = [self.pid]
        while waiting:
            pid = waiting.pop()
            waiting += children.get(pid, [])
            try:
                found[pid] = read_usage(pid, "edge" if pid == self.pid else "")
            except (FileNotFoundError, ProcessLookupError):  # ended in the meantime
                continue
        return found

    def client(self, service: str) -> Any:
        """Return a client of the emulator with all rights."""
        return _client(service, self.emulator_url)

    def mark(self) -> "Mark":
        """Return the current time and length of the request log, after which later lines begin."""
        log = self.state.request_log.stat()
        return Mark(milliseconds=time.time_ns() // 1_000_000, inode=log.st_ino, position=log.st_size)

    def read_function_log(self, mark: "Mark", function: str) -> list[str]:
        """Return the log events of a function since then, those of Lambda's runtime included."""
        logs = self.client("logs")
        groups = [group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]]
        return [
            event["message"]
            for group in groups
            if function.replace("_", "-") in group
            for page in logs.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=mark.milliseconds
            )
            for event in page["events"]
        ]

    def read_s3_requests(self, mark: "Mark") -> Counter[str]:
        """Return the number of requests for objects of S3 since a mark, by HTTP method."""
        buckets = {bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]}
        counts: Counter[str] = Counter()
        for line in self._read_request_log(mark).splitlines():
            method, host, path = line.partition("] [INFO] ")[2].split(" ", 2)
            if host.split(".")[0] in buckets or path.split("/")[1] in buckets:
                counts[method] += 1
        return counts

    def _read_request_log(self, mark: "Mark") -> str:
        """Return the log of requests since a mark, which may be in the full log before this one.

        Raises:
            ToolError: two logs are full since then, and the older one is overwritten.
        """
        data = b""
        for path in (self.state.request_log, previous_log(self.state.request_log)):
            if not path.exists():
                break
            with path.open("rb") as log:
                data = log.read() + data
                if os.fstat(log.fileno()).st_ino == mark.inode:
                    return data[mark.position :].decode("utf-8", "replace")
        raise ToolError(f"Too many requests: {self.state.request_log} holds only the last of them.")


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment in the logs.

    Attributes:
        milliseconds: time since the epoch.
        inode: inode number of the log of requests, which keeps it under the name of a full log.
        position: length of the log of requests in bytes.
    """

    milliseconds: int
    inode: int
    position: int


def find_running_stack(folder: Path = STATE) -> RunningStack:
    """Return the running local stack.

    Raises:
        ToolError: no stack runs, or it is not ready.
    """
    state = StateFolder(folder)
    pid, result = read_running(state, "./invokew up --detach")
    return RunningStack(
        state=state, pid=pid, edge_urls=result["edge_urls"], emulator_url=result["emulator_url"]
    )


@cache
def _client(service: str, url: str) -> Any:
    session = Session(aws_access_key_id=ROOT_KEY, aws_secret_access_key=ROOT_KEY, region_name=REGION)
    return session.client(service, endpoint_url=url)  # type: ignore[call-overload]  # any service


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(_stat_fields(stat)[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    return children


def _stat_fields(stat: Path) -> list[str]:
    """Return the fields of /proc/PID/stat after the command, which may contain spaces: see proc(5)."""
    return stat.read_text(encoding="utf-8").rpartition(")")[2].split()


def read_usage(pid: int, name: str = "") -> Usage:
    """Return the use of a process.

    Args:
        pid: the process.
        name: its name; by default that of its function, or `emulator`.
    """
    folder = Path(f"/proc/{pid}")
    fields = _stat_fields(folder / "stat")
    is_sandbox = not name
    name = name or _name_process((folder / "cmdline").read_text(encoding="utf-8").split("\0"))
    times = fields[11:15] if is_sandbox and name != "emulator" else fields[11:13]  # with ended children, own
    return Usage(
        name=name,
        cpu_seconds=sum(map(int, times)) / _TICKS,
        memory_bytes=int(fields[21]) * _PAGE,
    )


def _name_process(command: list[str]) -> str:
    for argument in command:
        _, found, rest = argument.partition(_SANDBOX)
        if found:
            return rest.split("/")[0].rpartition("-")[0]  # a random suffix follows the name of the function
    return "emulator"
