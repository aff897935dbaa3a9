"""Requests of a command."""

from collections.abc import Callable
from typing import Any

import pytest
from purge.errors import EventError, InvalidationError
from purge.handler import lambda_handler

from tests.functions.context import LambdaContext
from tests.functions.purge.conftest import Derivatives
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import FaultProxy

KEYS = ["a.jpg/v3_clean", "a.jpg/v3_w640_q80", "cats/b_20c.jpg/v3_clean", "cats/d.jpg/v3_clean"]


@pytest.fixture(autouse=True)
def _stored(derivatives: Derivatives, environment: dict[str, str]) -> None:
    assert environment
    for key in KEYS:
        derivatives.put(key)


def invoke(limit_seconds: float = 60, **request: Any) -> dict[str, Any]:
    return lambda_handler({"purge": request}, LambdaContext(limit_seconds))


@pytest.mark.parametrize(
    ("request_", "kept", "paths"),
    [
        ({"keys": ["a.jpg"]}, KEYS[2:], ["/a.jpg*"]),
        ({"keys": ["a.jpg", "cats/b c.jpg"]}, KEYS[3:], ["/a.jpg*", "/cats/b%20c.jpg*", "/cats/b_20c.jpg*"]),
        ({"prefix": "cats/"}, KEYS[:2], ["/cats/*"]),
        ({"prefix": ""}, [], ["/*"]),
        ({"keys": ["new.jpg"]}, KEYS, ["/new.jpg*"]),
    ],
)
def test_all_derivatives_are_deleted(
    request_: dict[str, Any],
    kept: list[str],
    paths: list[str],
    derivatives: Derivatives,
    invalidated: Callable[[], list[list[str]]],
) -> None:
    count = len(KEYS) - len(kept)
    assert invoke(dry_run=True, **request_) == {
        "deleted": {"regional_resize": count},
        "complete": True,
        "invalidations": [],
    }
    assert derivatives.keys() == KEYS
    result = invoke(**request_)
    [invalidation] = result["invalidations"]
    assert result["deleted"] == {"regional_resize": count}
    assert invalidation["variant"] == "regional_resize"
    assert invalidation["invalidation_id"]
    assert invalidation["paths"] == paths
    assert derivatives.keys() == kept
    assert invalidated() == [paths]


def test_too_little_time_is_said(derivatives: Derivatives) -> None:
    assert invoke(limit_seconds=10, prefix="") == {
        "deleted": {"regional_resize": 0},
        "complete": False,
        "invalidations": [],
    }
    assert derivatives.keys() == KEYS


def test_a_used_up_budget_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_MONTHLY_PATHS", "0")
    [invalidation] = invoke(prefix="")["invalidations"]
    assert (invalidation["invalidation_id"], invalidation["paths"]) == (None, ["/*"])


def test_a_refused_invalidation_is_an_error(proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_MONTHLY_PATHS", "1")
    proxy.inject(faults.status(400, error="TooManyInvalidationsInProgress"), path="/distribution/", times=1)
    with pytest.raises(InvalidationError, match="400 TooManyInvalidationsInProgress"):
        invoke(prefix="")
    [invalidation] = invoke(prefix="")["invalidations"]
    assert invalidation["invalidation_id"]  # the first path was not counted


@pytest.mark.parametrize(
    "request_",
    [
        None,
        {},
        {"keys": []},
        {"keys": "a.jpg"},
        {"keys": [""]},
        {"keys": [1]},
        {"prefix": 1},
        {"keys": ["a.jpg"], "dry_run": "yes"},
        {"keys": ["a.jpg"], "force": True},
    ],
)
def test_an_invalid_request(request_: Any) -> None:
    with pytest.raises(EventError, match='needs "keys"'):
        lambda_handler({"purge": request_}, LambdaContext())
