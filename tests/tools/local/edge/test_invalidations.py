"""Invalidations that are effective for a viewer's request."""

import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from tools.local.edge.errors import OriginUnreachableError
from tools.local.edge.invalidations import ApiInvalidations

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


class Api:
    """CloudFront's API for invalidations, which can be delayed and can fail."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.log.touch()
        self.batches: dict[str, list[str]] = {}
        self.lists = 0
        self.may_respond = threading.Event()
        self.may_respond.set()
        self.queried = threading.Event()
        self.down = False

    def create(self, name: str, *paths: str) -> None:
        self.batches[name] = list(paths)
        self.log.write_bytes(self.log.read_bytes() + b".")

    def list_invalidations(self, **_: str) -> dict[str, Any]:
        self.lists += 1
        found = [{"Id": name} for name in self.batches]
        self.queried.set()
        assert self.may_respond.wait(60)
        if self.down:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        return {"InvalidationList": {"Items": found} if found else {}}

    def get_invalidation(self, **names: str) -> dict[str, Any]:
        return {"Invalidation": {"InvalidationBatch": {"Paths": {"Items": self.batches[names["Id"]]}}}}


def make_invalidations(api: Api) -> ApiInvalidations:
    return ApiInvalidations(cast("CloudFrontClient", api), "E1", api.log)


def test_each_path_is_reported_once(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        api, reported = Api(tmp_path / "log"), list[str]()
        invalidations = make_invalidations(api)
        await invalidations.catch_up(reported.append)
        api.create("one", "/a", "/b*")
        await invalidations.catch_up(reported.append)
        api.create("two", "/c")
        await invalidations.catch_up(reported.append)
        await invalidations.catch_up(reported.append)
        return reported

    assert asyncio.run(scenario()) == ["/a", "/b*", "/c"]


def test_concurrent_viewers_share_a_query_that_started_after_them(tmp_path: Path) -> None:
    async def scenario() -> None:
        api, reported = Api(tmp_path / "log"), list[str]()
        invalidations = make_invalidations(api)
        api.may_respond.clear()
        early = asyncio.create_task(invalidations.catch_up(reported.append))
        await asyncio.to_thread(api.queried.wait, 5)
        api.create("one", "/a")
        late = [asyncio.create_task(invalidations.catch_up(reported.append)) for _ in range(20)]
        await asyncio.sleep(0.01)
        api.may_respond.set()
        await early
        assert reported == []
        await asyncio.gather(*late)
        assert (reported, api.lists) == (["/a"], 2)

    asyncio.run(scenario())


def test_a_failed_query_is_repeated_for_the_next_viewer(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        api, reported = Api(tmp_path / "log"), list[str]()
        invalidations = make_invalidations(api)
        api.create("one", "/a")
        api.down = True
        with pytest.raises(OriginUnreachableError):
            await invalidations.catch_up(reported.append)
        api.down = False
        await invalidations.catch_up(reported.append)
        return reported

    assert asyncio.run(scenario()) == ["/a"]


def test_a_hit_without_new_invalidations_makes_no_query(tmp_path: Path) -> None:
    async def scenario() -> None:
        api, reported = Api(tmp_path / "log"), list[str]()
        # An edge that starts later learns of the invalidations before it.
        api.create("one", "/a")
        invalidations = make_invalidations(api)
        for _ in range(3):
            await invalidations.catch_up(reported.append)
        assert (reported, api.lists) == (["/a"], 1)
        api.create("two", "/b")
        for _ in range(3):
            await invalidations.catch_up(reported.append)
        assert (reported, api.lists) == (["/a", "/b"], 2)

    asyncio.run(scenario())


def test_an_invalidation_during_a_query_is_reported_to_the_next_viewer(tmp_path: Path) -> None:
    async def scenario() -> None:
        api, reported = Api(tmp_path / "log"), list[str]()
        invalidations = make_invalidations(api)
        api.may_respond.clear()
        early = asyncio.create_task(invalidations.catch_up(reported.append))
        await asyncio.to_thread(api.queried.wait, 5)
        api.create("one", "/a")
        api.may_respond.set()
        await early
        assert reported == []
        await invalidations.catch_up(reported.append)
        assert reported == ["/a"]

    asyncio.run(scenario())
