"""Create an edge location for a distribution in the emulator."""

import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.config import Config

from tools.local.edge.access_control import AccessControl, create_credentials
from tools.local.edge.edge_location import EdgeLocation
from tools.local.edge.fetcher import Fetcher
from tools.local.edge.function import PublishedVersion
from tools.local.edge.invalidations import ApiInvalidations
from tools.local.edge.load_distribution import load_distribution
from tools.local.edge.load_viewer_function import load_viewer_function
from tools.local.edge.origin_client import HttpOriginClient, create_session
from tools.local.edge.trace import Traces

if TYPE_CHECKING:
    from boto3.session import Session

MAX_CACHE_BYTES = 256 * 1024 * 1024
# More sandboxes than this at once would only compete for the memory and the cores of a laptop.
MAX_SANDBOXES = max(4, 2 * (os.cpu_count() or 1))
# A function runs for at most 30 s, and its sandbox may start slowly. Lambda@Edge does not retry invocations.
_INVOKE_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"total_max_attempts": 1},
    max_pool_connections=MAX_SANDBOXES,
)


@asynccontextmanager
async def open_edge_location(
    session: "Session",
    emulator_url: str,
    distribution_id: str,
    invalidation_log: Path,
    traces: Traces | None = None,
) -> AsyncIterator[EdgeLocation]:
    """Serve a distribution as it is applied now, until the context ends.

    Args:
        session: session with credentials for the emulator.
        emulator_url: base URL of the emulator.
        distribution_id: ID of the distribution.
        invalidation_log: file of the emulator that grows with each invalidation.
        traces: traces of the requests; None: they are discarded.

    Raises:
        ToolError: the distribution uses a feature that the edge does not model.
    """
    cloudfront = session.client("cloudfront", endpoint_url=emulator_url)
    functions = session.client("lambda", endpoint_url=emulator_url, config=_INVOKE_CONFIG)
    distribution = load_distribution(cloudfront, distribution_id)
    credentials = create_credentials(session, emulator_url, distribution.id)
    origins = {origin for behavior in distribution.behaviors for origin in behavior.origins}
    arns = {behavior.function_arn for behavior in distribution.behaviors if behavior.function_arn}
    viewer_arns = {b.viewer_function_arn for b in distribution.behaviors if b.viewer_function_arn}
    sandboxes = ThreadPoolExecutor(MAX_SANDBOXES, thread_name_prefix="sandbox")
    async with create_session() as client:
        viewer_functions = {
            arn: load_viewer_function(client, session, emulator_url, arn) for arn in viewer_arns
        }
        fetcher = Fetcher(
            distribution=distribution,
            origins={
                origin: HttpOriginClient(
                    client, emulator_url, origin, AccessControl.for_origin(origin, credentials)
                )
                for origin in origins
            },
            functions={arn: PublishedVersion(functions, arn) for arn in arns},
            sandboxes=sandboxes,
            clock=time.time,
        )
        invalidations = ApiInvalidations(cloudfront, distribution_id, invalidation_log)
        try:
            yield EdgeLocation(
                fetcher,
                viewer_functions,
                invalidations,
                max_bytes=MAX_CACHE_BYTES,
                clock=time.time,
                traces=traces or Traces(),
            )
        finally:
            sandboxes.shutdown(wait=False, cancel_futures=True)
