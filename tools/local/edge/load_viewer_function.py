"""Load a published CloudFront Function and its key value store through the emulator's API."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from aiohttp import ClientError, ClientSession
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

from tools.console import ToolError
from tools.local.edge.errors import OriginUnreachableError
from tools.local.edge.viewer_function import ViewerFunction
from tools.local.emulator.names import REGION

if TYPE_CHECKING:
    from boto3.session import Session

RUNTIME = "cloudfront-js-2.0"
SERVICE = "cloudfront-keyvaluestore"
STORE_SECONDS = 1.0
"""Time after which a store is read again. On AWS, changes reach all edge locations within seconds."""


def load_viewer_function(
    client: ClientSession, session: "Session", emulator_url: str, arn: str
) -> ViewerFunction:
    """Return the published stage (LIVE) of a function.

    Args:
        client: HTTP client for the key value store.
        session: session with credentials for the emulator.
        emulator_url: base URL of the emulator.
        arn: ARN of the function.

    Raises:
        ToolError: the function uses a runtime that the edge does not model.
    """
    cloudfront = session.client("cloudfront", endpoint_url=emulator_url)
    name = arn.rpartition("/")[2]
    config = cloudfront.describe_function(Name=name, Stage="LIVE")["FunctionSummary"]["FunctionConfig"]
    if config["Runtime"] != RUNTIME:
        raise ToolError(f"The local edge runs {RUNTIME}, and {name} has the runtime {config['Runtime']}.")
    code = cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read().decode()
    stores = config.get("KeyValueStoreAssociations", {}).get("Items", [])
    store = None
    if stores:
        path = f"/key-value-stores/{quote(stores[0]['KeyValueStoreARN'], safe='')}"
        # The requests above were signed with them already.
        credentials = cast("Credentials", session.get_credentials())
        store = ApiKeyValueStore(client, emulator_url + path, credentials, time.monotonic)
    return ViewerFunction(name=name, code=code, clock=time.time, store=store)


class ApiKeyValueStore:
    """A key value store of the emulator, read at most once a second.

    boto3 cannot read the store: the signature for several Regions would need the package awscrt, and the host
    would begin with the number of the account.

    Args:
        client: HTTP client.
        url: URL of the store in the emulator.
        credentials: credentials of the account that has the store.
        clock: a monotonic time in seconds.
    """

    def __init__(
        self, client: ClientSession, url: str, credentials: Credentials, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._url = url
        self._credentials = credentials
        self._clock = clock
        self._read_at = float("-inf")
        self._values: dict[str, str] = {}
        self._description: dict[str, object] = {}
        self._lock = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the store unless that was done within the last second.

        Raises:
            OriginUnreachableError: the emulator does not respond.
        """
        async with self._lock:
            if self._clock() - self._read_at < STORE_SECONDS:
                return
            await self._read()
            self._read_at = self._clock()

    def get(self, key: str) -> str | None:
        """Return the value of a key; None if the store does not have the key."""
        return self._values.get(key)

    def describe(self) -> Mapping[str, object]:
        """Return the fields of the helper method `meta`."""
        return self._description

    async def _read(self) -> None:
        values: dict[str, str] = {}
        page = await self._get("/keys")
        while True:
            values |= {item["Key"]: item["Value"] for item in page.get("Items", [])}
            if "NextToken" not in page:
                break
            page = await self._get(f"/keys?NextToken={quote(page['NextToken'], safe='')}")
        described = await self._get("")
        created = described["Created"]
        self._values = values
        self._description = {
            "creationDateTime": _format(created),
            "lastUpdatedDateTime": _format(described.get("LastModified", created)),
            "keyCount": len(values),
        }

    async def _get(self, path: str) -> dict[str, Any]:
        url = self._url + path
        request = AWSRequest(method="GET", url=url)
        SigV4Auth(self._credentials, SERVICE, REGION).add_auth(request)
        try:
            async with self._client.get(
                URL(url, encoded=True), headers=dict(request.headers.items()), raise_for_status=True
            ) as response:
                found: dict[str, Any] = await response.json()
        except ClientError as error:
            raise OriginUnreachableError(f"key value store: {error}") from error
        return found


def _format(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
