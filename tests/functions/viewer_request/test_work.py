"""Work per request. CloudFront ends a function after about a millisecond."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.functions.viewer_request.engine import DEFAULT_CONFIGURATION, make_event, make_request, render
from tests.functions.viewer_request.test_language import (
    configuration_with_paths_of_derivatives,
    largest_configuration,
)
from tools.local.edge.viewer_event import ViewerEvent
from tools.local.edge.viewer_function import ViewerFunction

_ROUNDS, _CALLS = 5, 40
_LONG_QUERY = "w=601&h=300&fit=crop&gravity=0.3,0.7&dpr=2&q=75&fm=auto&expires=1900000000&key=main&signature="
# A function as in AWS's examples, which sorts the query string: a measure of what functions usually do.
_REFERENCE = """
async function handler(event) {
  const pairs = [];
  Object.keys(event.request.querystring).forEach((name) => {
    const entry = event.request.querystring[name];
    (entry.multiValue || [entry]).forEach((each) => pairs.push(name + '=' + each.value));
  });
  event.request.querystring = pairs.sort().join('&');
  return event.request;
}
"""


@pytest.mark.parametrize(
    ("configuration", "query"),
    [
        (DEFAULT_CONFIGURATION, "width=601&quality=75&format=auto"),
        (largest_configuration(), _LONG_QUERY + "A" * 43),
        (configuration_with_paths_of_derivatives(), _LONG_QUERY + "A" * 43),
    ],
    ids=["default", "largest", "paths of derivatives"],
)
def test_work_per_request(
    configuration: Mapping[str, Any], query: str, record_property: Callable[[str, object], None]
) -> None:
    event = make_event(make_request(f"/a.jpg?{query}", "image/avif,image/webp,*/*;q=0.8"))
    function, reference = (
        ViewerFunction(name="f", code=code, clock=time.time, store=_Store())
        for code in (render(configuration), _REFERENCE)
    )
    # The best of alternating rounds, since another process may take the caches of a core at any time.
    times = [(_measure(function, event), _measure(reference, event)) for _ in range(_ROUNDS)]
    seconds, reference_seconds = (min(column) for column in zip(*times, strict=True))
    record_property(
        "measured",
        f"viewer_request: {seconds * 1e6:.0f} microseconds of CPU per request in QuickJS, "
        f"{seconds / reference_seconds:.1f} times those of a function that only sorts the query",
    )
    assert seconds < 50 * reference_seconds


class _Store:
    async def refresh(self) -> None:
        """Do nothing: the store does not change."""

    def get(self, key: str) -> str:
        return f"secret of {key}"

    def describe(self) -> Mapping[str, object]:
        return {}


def _measure(function: ViewerFunction, event: ViewerEvent) -> float:
    started = time.process_time()
    for _ in range(_CALLS):
        function.invoke(event)
    return (time.process_time() - started) / _CALLS
