"""Put an edge location together for a distribution in the emulator."""

import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.credentials import Credentials

from tools.local.edge.access_control import AccessControl, credentials_of
from tools.local.edge.distribution import CustomOrigin, S3Origin
from tools.local.edge.endpoint import Endpoint
from tools.local.edge.fetching import Fetcher
from tools.local.edge.function import PublishedVersion
from tools.local.edge.invalidations import ApiInvalidations
from tools.local.edge.location import EdgeLocation
from tools.local.edge.origin import client_session
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
    credentials = credentials_of(session, emulator_url, distribution.id)
    controls = {
        behavior.origin: _access_control(behavior.origin, credentials) for behavior in distribution.behaviors
    }
    arns = {behavior.function_arn for behavior in distribution.behaviors if behavior.function_arn}

    async def open_location() -> tuple[EdgeLocation, Callable[[], Awaitable[None]]]:
        client = client_session()
        sandboxes = ThreadPoolExecutor(SANDBOXES, thread_name_prefix="sandbox")
        fetcher = Fetcher(
            distribution=distribution,
            origins={
                origin: Endpoint(client, emulator_url, origin, control)
                for origin, control in controls.items()
            },
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


def _access_control(origin: S3Origin | CustomOrigin, credentials: Credentials) -> AccessControl | None:
    """Return what signs requests to an origin; None where the function signs."""
    if isinstance(origin, CustomOrigin) and not origin.access_control:
        return None
    service = "lambda" if isinstance(origin, CustomOrigin) else "s3"
    return AccessControl(credentials=credentials, service=service, region=origin.region)
