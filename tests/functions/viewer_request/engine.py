"""Run functions/viewer_request/index.js in the JavaScript runtime of the local edge."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from tests.vectors import FORMATS
from tools.local.edge.messages import Response, ViewerRequest, make_headers
from tools.local.edge.viewer_event import ViewerEvent, viewer_request_event
from tools.local.edge.viewer_function import ViewerFunction
from tools.local.edge.viewer_result import parse_viewer_result
from tools.paths import PROJECT

SOURCE = PROJECT / "functions/viewer_request/index.js"
NOW_SECONDS = 1_800_000_000
# The directives stand in comments, so that the source is JavaScript.
_CHOICE = re.compile(r"%\{ if (\S+) \}(.*?)(?:%\{ else \}(.*?))?%\{ endif \}", re.DOTALL)

DEFAULT_CONFIGURATION: Mapping[str, Any] = {
    **FORMATS,
    "derivatives_prefix": "resized",
    "qualities": [40, 60, 80, 90],
    "quality": 80,
    "show_exif": False,
    "signed_urls": "none",
    "sizes": {name: {} for name in ("XS", "S", "M", "L", "SXS", "SS", "SM", "SL")},
    "widths": [16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840],
}


def render(configuration: Mapping[str, Any]) -> str:
    """Return the code as Terraform renders it: with the configuration, without comment lines and indentation.

    Terraform's `templatefile` also replaces other `${` and `%{`, so the source must have none.
    """
    chosen = {
        "derivative_paths": "output_version" in configuration,
        "!derivative_paths": "output_version" not in configuration,
        "signatures": configuration["signed_urls"] != "none",
    }
    source = _CHOICE.sub(
        lambda found: found[2] if chosen[found[1]] else found[3] or "", SOURCE.read_text("utf-8")
    )
    assert (source.count("${"), source.count("%{")) == (1, 0)
    # Terraform's jsonencode writes no spaces and escapes these three characters.
    text = json.dumps(configuration, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return re.sub(r"(?m)^\s*(//.*\n)?", "", source.replace("${config}", text))


class _Secrets(NamedTuple):
    """A key value store in memory."""

    values: Mapping[str, str]

    async def refresh(self) -> None:
        """Do nothing: the store does not change."""

    def get(self, key: str) -> str | None:
        return self.values.get(key)

    def describe(self) -> Mapping[str, object]:
        return {"keyCount": len(self.values)}


class Engine:
    """The function with one configuration, at NOW_SECONDS."""

    def __init__(self, configuration: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> None:
        self._function = ViewerFunction(
            name="viewer_request",
            code=render(configuration),
            clock=lambda: NOW_SECONDS,
            store=None if secrets is None else _Secrets(secrets),
        )

    def canonicalise(self, url: str, accept: str | None = None) -> tuple[int, str]:
        """Return 200 and the canonical query for a path with query, or status and sentence of an error."""
        result = self.forward(url, accept)
        if isinstance(result, Response):
            assert result.headers["Cache-Control"] == "no-store"
            assert result.headers["Content-Type"] == "text/plain"
            return result.status, result.body.decode().removesuffix("\n")
        return 200, result.querystring

    def forward(
        self, url: str, accept: str | None = None, headers: Mapping[str, str] | None = None
    ) -> ViewerRequest | Response:
        """Return the request to the origin for a path with query, or the response to the viewer."""
        request = make_request(url, accept, headers or {})
        event = make_event(request)
        result = self._function.invoke(event, request.querystring or None)
        return parse_viewer_result(result, event, request)


def make_request(
    url: str, accept: str | None = None, headers: Mapping[str, str] = MappingProxyType({})
) -> ViewerRequest:
    """Return a request for a path with query."""
    path, _, query = url.partition("?")  # urlsplit would read `//a.jpg` as a host
    return ViewerRequest(
        method="GET",
        uri=path,
        querystring=query,
        headers=make_headers(
            ("Host", "img.example.com"),
            *([] if accept is None else [("Accept", accept)]),
            *headers.items(),
        ),
        client_ip="192.0.2.1",
    )


def make_event(request: ViewerRequest) -> ViewerEvent:
    """Return the event of a request."""
    return viewer_request_event(
        request, distribution_id="EXAMPLE", domain_name="d111111abcdef8.cloudfront.net", request_id="ID"
    )
