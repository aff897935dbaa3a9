"""nginx with the same images as files, for comparison. The program is optional."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.console import ToolError
from tools.load.running_stack import read_usage
from tools.process import DEVNULL, start

_CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    sendfile on;
    keepalive_requests 100000000;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/images;
    }}
}}
"""


class Nginx:
    """A running nginx with one process.

    Attributes:
        url: base URL.
        pid: process.
    """

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid

    def cpu_seconds(self) -> float:
        """Return the processor time since the start."""
        return read_usage(self.pid, name="nginx").cpu_seconds


def find_nginx() -> str | None:
    """Return the path of the program; None if it is not installed."""
    return shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin")


@contextmanager
def serve_files(program: str, folder: Path) -> Iterator[Nginx]:
    """Serve the folder `images` below a folder, until the context ends.

    Raises:
        ToolError: nginx did not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
    process = start([program, "-c", str(configuration)], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise ToolError(f"nginx did not start: see {folder}/error.log")
        yield Nginx(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait()
