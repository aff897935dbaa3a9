"""Run functions/viewer_request/index.js in QuickJS, with the modules that CloudFront offers."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import quickjs

from tools.paths import PROJECT

SOURCE = PROJECT / "functions/viewer_request/index.js"
NOW_SECONDS = 1_800_000_000

DEFAULT_CONFIGURATION: Mapping[str, Any] = {
    "derivatives_prefix": "resized",
    "qualities": [40, 60, 80, 90],
    "quality": 80,
    "show_exif": False,
    "signed_urls": "none",
    "sizes": {name: {} for name in ("XS", "S", "M", "L", "SXS", "SS", "SM", "SL")},
    "widths": [16, 32, 48, 64, 96, 128, 256, 384, 640, 750, 828, 1080, 1200, 1920, 2048, 3840],
}

MODULES = """
const cf = {
  kvs: () => ({
    get: async (key) => {
      if (!Object.keys(SECRETS).includes(key)) throw new Error('KeyNotFound');
      return SECRETS[key];
    },
  }),
};
const crypto = {
  createHmac: (algorithm, key) => ({
    update: (text) => ({ digest: (encoding) => computeHmac(algorithm, key, text, encoding) }),
  }),
};
"""
_CALL = """
function call(event) {
  let outcome = { error: 'The promise never settles.' };
  handler(JSON.parse(event)).then(
    (result) => (outcome = { result: result }),
    (error) => (outcome = { error: String(error) }),
  );
  return () => JSON.stringify(outcome);
}
"""


def render(configuration: Mapping[str, Any]) -> str:
    """Return the code as Terraform renders it: with the configuration, without comment lines and indentation.

    Terraform's `templatefile` also replaces other `${` and `%{`, so the source must have none.
    """
    source = SOURCE.read_text("utf-8")
    assert (source.count("${"), source.count("%{")) == (1, 0)
    # Terraform's jsonencode writes no spaces and escapes these three characters.
    text = json.dumps(configuration, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return re.sub(r"(?m)^\s*(//.*\n)?", "", source.replace("${config}", text))


def render_script(configuration: Mapping[str, Any]) -> str:
    """Return the rendered code without its imports, which MODULES replaces."""
    code, imports = re.subn(
        r"(?m)^import (crypto|cf) from '(crypto|cloudfront)';\n", "", render(configuration)
    )
    assert imports == 2
    return code


class Engine:
    """The function with one configuration.

    A call runs the handler only, while CloudFront evaluates the whole script for each request. The script has
    no variable that a request could change.
    """

    def __init__(self, configuration: Mapping[str, Any], secrets: Mapping[str, str] | None = None) -> None:
        self._context = quickjs.Context()
        self._context.add_callable("computeHmac", compute_hmac)
        self._context.eval(f"const SECRETS = {json.dumps(dict(secrets or {}))};")
        self._context.eval(f"Date.now = () => {NOW_SECONDS * 1000};")
        self._context.eval(MODULES)
        self._context.eval(render_script(configuration))
        self._context.eval(_CALL)

    def evaluate(self, code: str) -> Any:
        """Return the value of an expression in the scope of the function."""
        return self._context.eval(code)

    def call(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request or the response that the function returns for an event."""
        read = self._context.get("call")(json.dumps(event))
        while self._context.execute_pending_job():
            pass
        outcome = json.loads(read())
        assert "error" not in outcome, outcome["error"]
        result: dict[str, Any] = outcome["result"]
        return result

    def canonicalise(self, url: str, accept: str | None = None) -> tuple[int, str]:
        """Return 200 and the canonical query for a path with query, or status and sentence of an error."""
        result = self.call(make_event(url, accept))
        if "statusCode" in result:
            assert result["headers"]["cache-control"]["value"] == "no-store"
            assert result["headers"]["content-type"]["value"] == "text/plain"
            return result["statusCode"], result["body"]["data"].removesuffix("\n")
        assert result["uri"] == urlsplit(url).path
        return 200, result["querystring"]


def make_event(url: str, accept: str | None = None) -> dict[str, Any]:
    """Return the event of a viewer request ("CloudFront Functions event structure")."""
    parts = urlsplit(url)
    query: dict[str, Any] = {}
    for pair in parts.query.split("&") if parts.query else []:
        name, _, value = pair.partition("=")
        if name in query:
            first = query[name]
            first.setdefault("multiValue", [{"value": first["value"]}]).append({"value": value})
        else:
            query[name] = {"value": value}
    headers = {"host": {"value": "img.example.com"}}
    if accept is not None:
        headers["accept"] = {"value": accept}
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request"},
        "viewer": {"ip": "192.0.2.1"},
        "request": {
            "method": "GET",
            "uri": parts.path,
            "querystring": query,
            "headers": headers,
            "cookies": {},
        },
    }


def load_parameters() -> set[str]:
    """Return the names of all parameters and aliases that the function can know."""
    engine = Engine({**DEFAULT_CONFIGURATION, "show_exif": True, "signed_urls": "all"})
    names: set[str] = set(
        json.loads(engine.evaluate("JSON.stringify(Object.keys({ ...PARAMETERS, ...ALIASES }))"))
    )
    return names


def compute_hmac(algorithm: str, key: str, text: str, encoding: str) -> str:
    """Return the result of `crypto.createHmac(algorithm, key).update(text).digest(encoding)`."""
    assert (algorithm, encoding) == ("sha256", "base64url")
    digest = hmac.digest(key.encode(), text.encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
