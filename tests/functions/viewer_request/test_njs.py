"""The common rows in njs, from which the engine of CloudFront Functions descends, where it is installed.

QuickJS and the linter accept more than njs. Debian's package is njs.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functions.viewer_request.engine import NOW_SECONDS, make_event, make_request, render
from tests.vectors import CONFIGURATIONS, ROWS, SECRETS, viewer_request_configuration

_NJS = shutil.which("njs")
_STORE = f"""
const SECRETS = {json.dumps(dict(SECRETS))};
const find = async (key) => (SECRETS.hasOwnProperty(key) ? SECRETS[key] : undefined);
const cf = {{ kvs: () => ({{ get: find }}) }};
"""
_CALL_ALL = """
async function main() {
  for (let i = 0; i < EVENTS.length; i++) {
    const result = await handler(EVENTS[i]);
    const body = result.body ? result.body.data : '';
    console.log(JSON.stringify([result.statusCode || 200, body.trim() || result.querystring]));
  }
}
main();
"""


@pytest.mark.skipif(_NJS is None, reason="njs is not installed; no package index for Python has it")
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_rows(configuration: str, tmp_path: Path) -> None:
    rows = [row for row in ROWS if row.configuration == configuration]
    events = [make_event(make_request(row.url, row.accept)) for row in rows]
    script = tmp_path / "script.js"
    code = render(viewer_request_configuration(CONFIGURATIONS[configuration]))
    import_of_store = "import cf from 'cloudfront';"
    assert import_of_store in code
    script.write_text(
        f"{code.replace(import_of_store, _STORE).replace('Date.now()', str(NOW_SECONDS * 1000))}\n"
        f"const EVENTS = JSON.parse({json.dumps(json.dumps(events))});\n"
        f"{_CALL_ALL}"
    )
    ended = subprocess.run(  # noqa: S603  # our own script
        [str(_NJS), str(script)], capture_output=True, text=True, check=True
    )
    found = [tuple(json.loads(line)) for line in ended.stdout.splitlines()]
    expected = [(row.status, row.canonical if row.status == 200 else row.sentence) for row in rows]
    # njs lists the names of sizes in an order of its own.
    differences = [
        (row.url, one, other)
        for row, one, other in zip(rows, found, expected, strict=True)
        if one != other and "The parameter size must be one of" not in str(other)
    ]
    assert differences == []
