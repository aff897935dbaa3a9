"""Which invalidations count for a viewer."""

import asyncio
import threading
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import EndpointConnectionError

from tools.local.edge.errors import OriginUnreachableError
from tools.local.edge.invalidations import ApiInvalidations

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient


class Api:
    """CloudFront's invalidations, slow if reported so."""

    def __init__(self) -> None:
        self.batches: dict[str, list[str]] = {}
        self.lists = 0
        self.may_respond = threading.Event()
        self.may_respond.set()
        self.asked = threading.Event()
        self.down = False

    def list_invalidations(self, **_: str) -> dict[str, Any]:
        self.lists += 1
        self.asked.set()
        found = [{"Id": name} for name in self.batches]
        assert self.may_respond.wait(5)
        if self.down:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
        return {"InvalidationList": {"Items": found} if found else {}}

    def get_invalidation(self, **names: str) -> dict[str, Any]:
        return {"Invalidation": {"InvalidationBatch": {"Paths": {"Items": self.batches[names["Id"]]}}}}


def watching(api: Api) -> ApiInvalidations:
    return ApiInvalidations(cast("CloudFrontClient", api), "E1")


def test_each_path_is_told_once() -> None:
    async def play() -> list[str]:
        api, reported = Api(), list[str]()
        watcher = watching(api)
        await watcher.catch_up(reported.append)
        api.batches["one"] = ["/a", "/b*"]
        await watcher.catch_up(reported.append)
        api.batches["two"] = ["/c"]
        await watcher.catch_up(reported.append)
        await watcher.catch_up(reported.append)
        return reported

    assert asyncio.run(play()) == ["/a", "/b*", "/c"]


def test_viewers_at_the_same_time_share_a_question_but_none_that_began_before_them() -> None:
    async def play() -> None:
        api, reported = Api(), list[str]()
        watcher = watching(api)
        api.may_respond.clear()
        early = asyncio.create_task(watcher.catch_up(reported.append))
        await asyncio.to_thread(api.asked.wait, 5)
        api.batches["one"] = ["/a"]
        late = [asyncio.create_task(watcher.catch_up(reported.append)) for _ in range(20)]
        await asyncio.sleep(0.01)
        api.may_respond.set()
        await early
        assert reported == []
        await asyncio.gather(*late)
        assert (reported, api.lists) == (["/a"], 2)

    asyncio.run(play())


def test_a_question_without_an_answer_is_asked_again_by_the_next_viewer() -> None:
    async def play() -> list[str]:
        api, reported = Api(), list[str]()
        watcher = watching(api)
        api.batches["one"] = ["/a"]
        api.down = True
        with pytest.raises(OriginUnreachableError):
            await watcher.catch_up(reported.append)
        api.down = False
        await watcher.catch_up(reported.append)
        return reported

    assert asyncio.run(play()) == ["/a"]
