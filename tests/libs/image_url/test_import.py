"""Import of the package, which is part of each cold start."""

import json
import subprocess
import sys

from tools.paths import PROJECT

_CODE = """
import json, sys, time
import enum, re, types, typing, urllib.parse

# Lambda's runtime and the other libraries have imported these before.
before, started = set(sys.modules), time.process_time()
import image_url
print(json.dumps([(time.process_time() - started) * 1000, sorted(set(sys.modules) - before)]))
"""


def test_the_import_is_light(record_property: object) -> None:
    """Modules are counted, not milliseconds, which a busy machine multiplies."""
    runs = [_import() for _ in range(5)]
    assert callable(record_property)
    record_property("measured", f"image_url: import in {min(run[0] for run in runs):.1f} ms of CPU time")
    others = {name.partition(".")[0] for name in runs[0][1]} - {"image_url"}
    assert others == set()


def _import() -> tuple[float, list[str]]:
    ended = subprocess.run(  # noqa: S603  # our own library
        [sys.executable, "-c", _CODE],
        env={"PYTHONPATH": str(PROJECT / "libs/image_url")},
        capture_output=True,
        text=True,
        check=True,
    )
    milliseconds, names = json.loads(ended.stdout)
    return float(milliseconds), list(names)
