"""The unpacked zip of object_lambda, in an isolated process: same results for every format."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from image_url import DEFAULT_SIZES, parse_query
from object_lambda.representation import create_representation
from object_lambda.settings import Settings

IMAGES = Path(__file__).parents[2] / "images"
SAMPLES = sorted(path.name for path in IMAGES.glob("*.*") if path.suffix != ".md")
QUERIES = ["size=SS", "to_webp=1", "", "showExif=true", "width=64&height=64&fit=cover&format=auto-avif"]

SCRIPT = """
import hashlib, json, pathlib, sys
root, images, samples, queries = sys.argv[1:]
sys.path.insert(0, root)
import object_lambda.handler
from image_url import DEFAULT_SIZES, parse_query
from object_lambda.representation import create_representation
from object_lambda.settings import Settings
digests = {}
for sample in json.loads(samples):
    for query in json.loads(queries):
        options = parse_query(query, DEFAULT_SIZES, 80)
        settings = Settings(quality=80, sizes=DEFAULT_SIZES)
        representation = create_representation(pathlib.Path(images, sample).read_bytes(), options, settings)
        digests[f"{sample} {query}"] = hashlib.sha256(representation.data).hexdigest()
files = [module.__file__ for module in sys.modules.values() if getattr(module, "__file__", None)]
print(json.dumps({"digests": digests, "files": files}))
"""


@pytest.mark.xdist_group("functions under the runtime")
def test_the_zip_gives_the_same_representations(zips: Path) -> None:
    root = zips / "object_lambda"
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-I", "-S", "-c", SCRIPT, root, IMAGES, json.dumps(SAMPLES), json.dumps(QUERIES)],
        capture_output=True,
        text=True,
        check=True,
    )
    output = json.loads(result.stdout)
    standard_library = Path(json.__file__).parents[1]
    assert all(
        Path(file).is_relative_to(root) or Path(file).is_relative_to(standard_library)
        for file in output["files"]
    )
    assert output["digests"] == {
        f"{sample} {query}": hashlib.sha256(
            create_representation(
                (IMAGES / sample).read_bytes(),
                parse_query(query, DEFAULT_SIZES, 80),
                Settings(quality=80, sizes=DEFAULT_SIZES),
            ).data
        ).hexdigest()
        for sample in SAMPLES
        for query in QUERIES
    }
