"""Viewers on this machine that repeat the requests of a trace over connections that stay open."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_HEADERS = (
    "Accept: image/avif,image/webp,image/apng,*/*;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br\r\n"
    "Accept-Language: en-US,en;q=0.5\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
)


@dataclass
class Responses:
    """Responses that viewers received.

    Attributes:
        count: number of responses.
        errors: status or error => number; empty if every response was a 200.
        x_cache: first word of X-Cache => number.
        bytes: bytes of all bodies.
        seconds: duration.
    """

    count: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    x_cache: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    seconds: float = 0.0


def request_repeatedly(
    url: str, targets: Sequence[str], *, seconds: float, connections: int, watch: Callable[[], None]
) -> Responses:
    """Request the targets in turn, from the beginning again after the last, until the time is over.

    Args:
        url: base URL of a server on this machine.
        targets: paths with query strings. Each is requested at least once.
        seconds: time after which no request begins.
        connections: number of connections; each waits for its response before the next request.
        watch: called every second, in a thread of its own.
    """
    return asyncio.run(_request(url, targets, seconds, connections, watch))


async def _request(
    url: str, targets: Sequence[str], seconds: float, connections: int, watch: Callable[[], None]
) -> Responses:
    responses = Responses()
    started = time.monotonic()
    position = 0

    def take() -> str | None:
        nonlocal position
        if position >= len(targets) and time.monotonic() - started >= seconds:
            return None
        position += 1
        return targets[(position - 1) % len(targets)]

    async def viewer() -> None:
        host, port = str(urlsplit(url).hostname), urlsplit(url).port
        try:
            reader, writer = await asyncio.open_connection(host, port)
            with closing(writer):
                while (target := take()) is not None:
                    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\n{_HEADERS}\r\n".encode())
                    await _read_response(reader, responses)
        except (OSError, EOFError, ValueError) as error:
            responses.errors[type(error).__name__] += 1

    async def watch_viewers() -> None:
        while True:
            await asyncio.to_thread(watch)
            await asyncio.sleep(1)

    watcher = asyncio.create_task(watch_viewers())
    await asyncio.gather(*(viewer() for _ in range(connections)))
    watcher.cancel()
    responses.seconds = time.monotonic() - started
    return responses


async def _read_response(reader: asyncio.StreamReader, responses: Responses) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, *lines = head.rstrip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers["content-length"]))
    responses.count += 1
    responses.bytes += len(body)
    responses.x_cache[headers.get("x-cache", "none").split(" ")[0]] += 1
    code = status.split(" ")[1]
    if code != "200":
        responses.errors[code] += 1
