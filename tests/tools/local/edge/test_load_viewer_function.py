"""Load CloudFront Functions and their key value stores through the emulator's API."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from tools.console import ToolError
from tools.local.edge.load_viewer_function import (
    SERVICE,
    STORE_SECONDS,
    ApiKeyValueStore,
    load_viewer_function,
)
from tools.local.edge.origin_client import create_session
from tools.local.edge.viewer_function import ViewerFunction
from tools.local.emulator.names import REGION, ROOT_KEY
from tools.local.emulator.process import Emulator

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudfront.literals import FunctionRuntimeType
    from mypy_boto3_cloudfront.type_defs import (
        FunctionConfigTypeDef,
        KeyValueStoreAssociationsTypeDef,
        KeyValueStoreAssociationTypeDef,
    )

pytestmark = pytest.mark.xdist_group("emulator")

EVENT = {"context": {"requestId": "R"}, "request": {"uri": "/cat.jpg"}}
FIRST = b"function handler(event) { return { version: 1 }; }"
SECOND = b"""import cf from 'cloudfront';
async function handler(event) {
    const kvs = cf.kvs();
    return { key: await kvs.get('key 1'), count: await kvs.count(), meta: await kvs.meta() };
}"""


@pytest.fixture
def cloudfront(emulator: Emulator) -> "CloudFrontClient":
    return emulator.session().client("cloudfront", endpoint_url=emulator.url)


def make_config(
    *stores: str, runtime: "FunctionRuntimeType" = "cloudfront-js-2.0"
) -> "FunctionConfigTypeDef":
    items: list[KeyValueStoreAssociationTypeDef] = [{"KeyValueStoreARN": arn} for arn in stores]
    associations: KeyValueStoreAssociationsTypeDef = {"Quantity": len(items), "Items": items}
    return {"Comment": "", "Runtime": runtime, "KeyValueStoreAssociations": associations}


def put_keys(emulator: Emulator, arn: str, values: dict[str, str], access_key: str = ROOT_KEY) -> None:
    """Write keys through the store's API, signed for one Region."""
    url = f"{emulator.url}/key-value-stores/{quote(arn, safe='')}"

    def send(method: str, path: str, version: str = "", **body: str) -> str:
        headers = {"Content-Type": "application/json", "If-Match": version}
        signed = AWSRequest(method, url + path, data=json.dumps(body).encode(), headers=headers)
        SigV4Auth(Credentials(access_key, ROOT_KEY), SERVICE, REGION).add_auth(signed)
        response = URLLib3Session().send(signed.prepare())
        assert response.status_code == 200, response.text
        return str(response.headers["ETag"])

    for key, value in values.items():
        send("PUT", f"/keys/{quote(key)}", send("GET", ""), Value=value)


def load(
    emulator: Emulator,
    arn: str,
    use: Callable[[ViewerFunction], Awaitable[object]],
    session: boto3.Session | None = None,
) -> object:
    """Load a function, and return what `use` returns for the function."""

    async def run() -> object:
        async with create_session() as client:
            return await use(load_viewer_function(client, session or emulator.session(), emulator.url, arn))

    return asyncio.run(run())


async def invoke(function: ViewerFunction) -> object:
    if function.store is not None:
        await function.store.refresh()
    return function.invoke(EVENT)


def test_the_published_code_runs(emulator: Emulator, cloudfront: "CloudFrontClient") -> None:
    store = cloudfront.create_key_value_store(Name="keys")["KeyValueStore"]["ARN"]
    made = cloudfront.create_function(Name="one", FunctionConfig=make_config(), FunctionCode=FIRST)
    arn = made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"]
    cloudfront.publish_function(Name="one", IfMatch=made["ETag"])
    assert load(emulator, arn, invoke) == {"version": 1}

    changed = cloudfront.update_function(
        Name="one", IfMatch=made["ETag"], FunctionConfig=make_config(store), FunctionCode=SECOND
    )
    assert load(emulator, arn, invoke) == {"version": 1}, "An update is not published yet."
    # The client reads the version from the header of the API's model.
    cloudfront.publish_function(Name="one", IfMatch=changed["ETag"])
    put_keys(emulator, store, {f"key {number}": "é" * number for number in range(60)})

    async def read_and_rotate(function: ViewerFunction) -> None:
        result = await invoke(function)
        assert isinstance(result, dict)
        assert (result["key"], result["count"], result["meta"]["keyCount"]) == ("é", 60, 60)
        assert result["meta"]["creationDateTime"].endswith("+00:00")

        assert isinstance(function.store, ApiKeyValueStore)
        await asyncio.to_thread(put_keys, emulator, store, {"key 1": "rotated"})
        await asyncio.sleep(STORE_SECONDS)
        result = await invoke(function)
        assert isinstance(result, dict)
        assert result["key"] == "rotated"

    load(emulator, arn, read_and_rotate)


def test_the_store_of_another_account(emulator: Emulator) -> None:
    account = "111111111111"  # the emulator takes an access key of 12 digits for the account
    session = boto3.Session(account, ROOT_KEY, region_name=REGION)
    cloudfront = session.client("cloudfront", endpoint_url=emulator.url)
    store = cloudfront.create_key_value_store(Name="keys-of-another")["KeyValueStore"]["ARN"]
    assert account in store
    put_keys(emulator, store, {"key 1": "value"}, account)
    made = cloudfront.create_function(Name="another", FunctionConfig=make_config(store), FunctionCode=SECOND)
    cloudfront.publish_function(Name="another", IfMatch=made["ETag"])
    result = load(emulator, made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"], invoke, session)
    assert isinstance(result, dict)
    assert result["key"] == "value"


def test_another_runtime_is_refused(emulator: Emulator, cloudfront: "CloudFrontClient") -> None:
    made = cloudfront.create_function(
        Name="old", FunctionConfig=make_config(runtime="cloudfront-js-1.0"), FunctionCode=FIRST
    )
    cloudfront.publish_function(Name="old", IfMatch=made["ETag"])
    with pytest.raises(
        ToolError, match=r"runs cloudfront-js-2\.0, and old has the runtime cloudfront-js-1\.0"
    ):
        load(emulator, made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"], invoke)
