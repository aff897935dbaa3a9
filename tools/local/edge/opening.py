"""Put an edge location together for a distribution in the emulator."""

import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import aiohttp
from botocore.config import Config

from tools.console import ToolError
from tools.local.edge.access_control import AccessControl, credentials_of
from tools.local.edge.distribution import CustomOrigin, Distribution
from tools.local.edge.endpoint import Endpoint
from tools.local.edge.fetching import Fetcher
from tools.local.edge.function import PublishedVersion
from tools.local.edge.invalidations import ApiInvalidations
from tools.local.edge.location import EdgeLocation
from tools.local.edge.origin import DataPlane, Origin, client_session
from tools.local.edge.reading import read_distribution
from tools.local.edge.server import Opener

if TYPE_CHECKING:
    from boto3.session import Session

CACHE_BYTES = 256 * 1024 * 1024
# A laptop is no Region: more sandboxes than this at once only take each other's memory and time.
SANDBOXES = max(4, 2 * (os.cpu_count() or 1))
# A function has 30 s at most; its sandbox may be slow to start. A failed invocation is not repeated, as at
# the edge.
_INVOKE = Config(
    connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=SANDBOXES
)


def edge_opener(session: "Session", emulator_url: str, distribution_id: str) -> Opener:
    """What an `EdgeServer` needs to serve a distribution as it is applied now.

    Args:
        session: with credentials for the emulator.
        emulator_url: of the emulator.
        distribution_id: of the distribution.

    Raises:
        ToolError: the distribution uses something that the edge does not model.
    """
    cloudfront = session.client("cloudfront", endpoint_url=emulator_url)
    functions = session.client("lambda", endpoint_url=emulator_url, config=_INVOKE)
    distribution = read_distribution(cloudfront, distribution_id)
    origin_from = _origin(session, emulator_url, distribution)
    arns = {behavior.function_arn for behavior in distribution.behaviors if behavior.function_arn}

    async def open_location() -> tuple[EdgeLocation, Callable[[], Awaitable[None]]]:
        client = client_session()
        sandboxes = ThreadPoolExecutor(SANDBOXES, thread_name_prefix="sandbox")
        fetcher = Fetcher(
            distribution=distribution,
            origin=origin_from(client),
            functions={arn: PublishedVersion(functions, arn) for arn in arns},
            sandboxes=sandboxes,
            clock=time.time,
        )
        invalidations = ApiInvalidations(cloudfront, distribution_id)
        location = EdgeLocation(fetcher, invalidations, max_bytes=CACHE_BYTES, clock=time.time)

        async def close() -> None:
            sandboxes.shutdown(wait=False, cancel_futures=True)
            await client.close()

        return location, close

    return open_location


def _origin(
    session: "Session", emulator_url: str, distribution: Distribution
) -> Callable[[aiohttp.ClientSession], Origin]:
    """What makes a distribution's origin: buckets through the emulator's CloudFront, all else straight."""
    origins = {behavior.origin for behavior in distribution.behaviors}
    straight = [o for o in origins if isinstance(o, CustomOrigin) or o.is_object_lambda]
    if not straight:
        return lambda client: DataPlane(client, emulator_url, distribution.domain_name)
    if len(origins) > 1:
        raise ToolError("The local edge does not model several origins where one is not a bucket.")
    [origin] = straight
    control = None
    if not isinstance(origin, CustomOrigin) or origin.access_control:
        control = AccessControl(
            credentials=credentials_of(session, emulator_url, distribution.id),
            service="lambda" if isinstance(origin, CustomOrigin) else "s3",
            region=origin.domain_name.split(".")[2],
        )
    return lambda client: Endpoint(client, emulator_url, origin, control)
