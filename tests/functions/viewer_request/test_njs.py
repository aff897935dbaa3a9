"""The common rows in njs, from which the engine of CloudFront Functions descends, where it is installed.

QuickJS and the linter accept more than njs. Debian's package is njs.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.functions.viewer_request.engine import NOW_SECONDS, make_event, make_request, render
from tests.functions.viewer_request.test_derivative_paths import OUTPUT_VERSION, is_image
from tests.vectors import (
    CONFIGURATIONS,
    DERIVATIVE_PATHS,
    ROWS,
    SECRETS,
    Row,
    derivative_path_configuration,
    viewer_request_configuration,
)

_NJS = shutil.which("njs")
_STORE = f"""
const SECRETS = {json.dumps(dict(SECRETS))};
const find = async (key) => (SECRETS.hasOwnProperty(key) ? SECRETS[key] : undefined);
const cf = {{ kvs: () => ({{ get: find }}) }};
"""
_CALL_ALL = """
async function main() {
  for (let i = 0; i < EVENTS.length; i++) {
    EVENTS[i].request.rawQueryString = () => QUERIES[i] || undefined;
    const result = await handler(EVENTS[i]);
    const body = result.body ? result.body.data : '';
    console.log(JSON.stringify([result.statusCode || 200, body.trim() || result.querystring, result.uri]));
  }
}
main();
"""


needs_njs = pytest.mark.skipif(
    _NJS is None, reason="njs is not installed; no package index for Python has it"
)


@needs_njs
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_rows(configuration: str, tmp_path: Path) -> None:
    rows = [row for row in ROWS if row.configuration == configuration]
    code = render(viewer_request_configuration(CONFIGURATIONS[configuration]))
    found = [
        (status, text) for status, text, _ in _run(code, [(row.url, row.accept) for row in rows], tmp_path)
    ]
    assert _differences(rows, found, [row.canonical for row in rows]) == []


@needs_njs
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_names_of_derivatives(configuration: str, tmp_path: Path) -> None:
    rows = [row for row in ROWS if row.configuration == configuration and is_image(row)]
    settings = derivative_path_configuration(CONFIGURATIONS[configuration], OUTPUT_VERSION)
    results = _run(render(settings), [(row.url, row.accept) for row in rows], tmp_path)
    found = [
        (status, uri.rpartition("/")[2] if status == HTTPStatus.OK else text) for status, text, uri in results
    ]
    assert _differences(rows, found, [row.name for row in rows]) == []


@needs_njs
def test_paths_of_derivatives(tmp_path: Path) -> None:
    rows = [row for row in DERIVATIVE_PATHS if row.name == "v4_clean" and row.path]
    code = render(derivative_path_configuration(CONFIGURATIONS["default"], 4))
    results = _run(code, [(f"/{quote(row.key)}", None) for row in rows], tmp_path)
    assert [uri for _, _, uri in results] == [f"/{row.path}" for row in rows]


def _run(code: str, requests: Sequence[tuple[str, str | None]], folder: Path) -> list[tuple[int, str, str]]:
    """Run the function under njs for pairs of URL and Accept header.

    Returns:
        For each pair the status (200 if the request is passed on), the query string or else the body
        of the response, and the URI.
    """
    made = [make_request(url, accept) for url, accept in requests]
    import_of_store = "import cf from 'cloudfront';"
    code = code.replace(import_of_store, _STORE).replace("Date.now()", str(NOW_SECONDS * 1000))
    events = json.dumps([make_event(request) for request in made])
    queries = json.dumps([request.querystring for request in made])
    script = folder / "script.js"
    script.write_text(
        f"{code}\nconst EVENTS = JSON.parse({json.dumps(events)});\nconst QUERIES = {queries};\n{_CALL_ALL}"
    )
    ended = subprocess.run(  # noqa: S603  # our own script
        [str(_NJS), str(script)], capture_output=True, text=True, check=True
    )
    return [tuple(json.loads(line)) for line in ended.stdout.splitlines()]


def _differences(
    rows: Sequence[Row], found: Sequence[tuple[int, str]], valid: Sequence[str | None]
) -> list[tuple[str, object, object]]:
    expected = [
        (row.status, text if row.status == HTTPStatus.OK else row.sentence)
        for row, text in zip(rows, valid, strict=True)
    ]
    # njs lists the names of sizes in an order of its own.
    return [
        (row.url, one, other)
        for row, one, other in zip(rows, found, expected, strict=True)
        if one != other and "The parameter size must be one of" not in str(other)
    ]
