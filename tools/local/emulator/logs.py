"""Bridge for saved queries, compared with MiniStack 1.5.33, which has no operation for them."""

import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from ministack.services import cloudwatch_logs  # type: ignore[import-untyped]  # MiniStack has no type hints

from tools.local.emulator.names import Response

_queries: dict[str, dict[str, Any]] = {}
"""Saved queries by id. Ids are unique across Regions."""


def install() -> None:
    """Patch MiniStack with the function of this module. Call once, before the emulator serves."""
    cloudwatch_logs.handle_request = partial(_handle_request, cloudwatch_logs.handle_request)


async def _handle_request(
    original: Callable[..., Awaitable[Response]],
    *request: Any,
) -> Response:
    _, _, headers, body, _ = request
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    if operation not in _OPERATIONS:
        return await original(*request)
    result = _OPERATIONS[operation](json.loads(body))
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(result).encode()


def _put(request: dict[str, Any]) -> dict[str, Any]:
    query_id = request.get("queryDefinitionId") or str(uuid.uuid4())
    _queries[query_id] = {**request, "queryDefinitionId": query_id}
    return {"queryDefinitionId": query_id}


def _describe(request: dict[str, Any]) -> dict[str, Any]:
    prefix = request.get("queryDefinitionNamePrefix", "")
    return {"queryDefinitions": [query for query in _queries.values() if query["name"].startswith(prefix)]}


def _delete(request: dict[str, Any]) -> dict[str, Any]:
    return {"success": _queries.pop(request["queryDefinitionId"], None) is not None}


_OPERATIONS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "PutQueryDefinition": _put,
    "DescribeQueryDefinitions": _describe,
    "DeleteQueryDefinition": _delete,
}
