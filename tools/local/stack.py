"""Start the emulator, Terraform, the images and the edge in this order, and stop them in reverse."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tools.console import ToolError, step
from tools.local.deployment import prepare_terraform
from tools.local.edge.factory import open_edge_location
from tools.local.edge.server import EdgeServer
from tools.local.edge.trace import Traces
from tools.local.emulator.process import Emulator
from tools.local.images import find_images, is_supported_image, upload
from tools.local.logs import format_log_tail, open_log, rotate_output
from tools.local.options import StackOptions, listen
from tools.paths import SAMPLES
from tools.terraform import Terraform

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_WATCH_SECONDS = 0.5


class Stack:
    """A stack that runs inside the `with` block.

    Several stacks can run in different folders and on different ports.

    Attributes:
        edge_urls: variant => base URL of its distribution.
        emulator: the AWS emulator.
        images: key => file of the uploaded images.
        options: options of the stack.
        outputs: outputs of the Terraform configuration.
        s3: S3 client of the emulator with the root key.
        terraform: Terraform in the working copy.
        traces: traces of the latest requests to all edges.
    """

    edge_urls: dict[str, str]
    outputs: dict[str, Any]
    images: dict[str, Path]
    s3: "S3Client"
    terraform: Terraform

    def __init__(self, options: StackOptions) -> None:
        self.options = options
        self.state = options.state
        self.emulator = Emulator(self.state, options.emulator_environment)
        self.traces = Traces()
        self._parts = ExitStack()

    @property
    def edge_url(self) -> str:
        """Base URL of the first variant."""
        return self.edge_urls[self.options.variants[0]]

    @property
    def emulator_url(self) -> str:
        """Endpoint of all AWS services."""
        return self.emulator.url

    def __enter__(self) -> Self:
        """Start all parts.

        Raises:
            ToolError: a part could not start. The others are stopped.
        """
        try:
            self._start()
        except BaseException as error:
            crashed = self.emulator.crashed
            self._parts.close()
            if crashed and isinstance(error, ToolError):
                raise self._crash_error() from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all parts. The folder is kept for the logs."""
        self._parts.close()

    def wait(self) -> None:
        """Wait until the emulator crashes, and keep its log bounded.

        Raises:
            ToolError: the emulator ended.
        """
        while not self.emulator.crashed:
            time.sleep(_WATCH_SECONDS)
            rotate_output(self.state.emulator_log)
        raise self._crash_error()

    def _crash_error(self) -> ToolError:
        return ToolError(f"The AWS emulator ended unexpectedly.\n{format_log_tail(self.state.emulator_log)}")

    def _start(self) -> None:
        self.images = find_images(self.options.images)
        listeners = [self._parts.enter_context(listener) for listener in self._open_listeners()]
        with step("Starting the AWS emulator"):
            self._parts.enter_context(self.emulator)
            self.s3 = self.emulator.session().client("s3", endpoint_url=self.emulator.url)
        self.terraform = prepare_terraform(self.options, self.emulator.url)
        with step("Preparing Terraform"):
            self.terraform.init(checksums=False)
        with step("Applying the Terraform configuration"):
            self.terraform.apply()
            self.outputs = self.terraform.output()
        keys = self._assign_keys()
        with step(f"Uploading {len(keys)} images"):
            upload(self.s3, self.outputs["bucket_name"], keys)
        with step("Starting the edge"):
            self._parts.enter_context(_log_edge(self.state.edge_log))
            self.edge_urls = dict(map(self._serve, self.options.variants, listeners))

    @property
    def sizes(self) -> list[str]:
        """Names of user-defined sizes, which replace the built-in ones; empty if there are none."""
        return list(self.options.variables.get("sizes") or {})

    @property
    def trigger_images(self) -> dict[str, Path]:
        """Images for the variant s3_trigger. Other files would end in its failure queue."""
        broken = "broken/" if self.options.images == SAMPLES else ()
        return {
            key: path
            for key, path in self.images.items()
            if is_supported_image(path) and not key.startswith(broken)
        }

    def _assign_keys(self) -> dict[str, Path]:
        """Return key => file for all variants. Images for s3_trigger have the prefix of its originals."""
        keys: dict[str, Path] = {}
        if set(self.options.variants) - {"s3_trigger"}:
            keys |= self.images
        if trigger := self.outputs.get("s3_trigger"):
            keys |= {f"{trigger['source_prefix']}{key}": path for key, path in self.trigger_images.items()}
        return keys

    def _serve(self, variant: str, listener: socket.socket) -> tuple[str, str]:
        distribution_id = self.outputs["distribution_ids"][variant]
        open_location = partial(
            open_edge_location,
            self.emulator.session(),
            self.emulator.url,
            distribution_id,
            self.emulator.invalidation_log,
            self.traces,
        )
        self._parts.enter_context(EdgeServer(listener, open_location))
        return variant, f"http://127.0.0.1:{listener.getsockname()[1]}"

    def _open_listeners(self) -> list[socket.socket]:
        """Bind a socket for each variant before the slow steps."""
        first, count = self.options.port, len(self.options.variants)
        return [listen(port) for port in (range(first, first + count) if first else [0] * count)]


@contextmanager
def _log_edge(path: Path) -> Iterator[None]:
    logger = logging.getLogger("tools.local.edge")
    handler = open_log(path, "%(asctime)s %(levelname)s %(message)s")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
