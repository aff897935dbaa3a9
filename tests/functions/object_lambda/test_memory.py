"""Memory for an image of 100 megapixels and 60 MB, which is cleaned without decoding."""

import json
import os
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.functions.object_lambda.conftest import AccessPointGet
from tools.paths import PACKAGES

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import Function

PROJECT = Path(__file__).parents[3]
SIDE = 10_000
EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0"

CODE = """
import json, sys, time
from object_lambda.handler import lambda_handler

class Context:
    def get_remaining_time_in_millis(self):
        return 60_000

lambda_handler(json.load(sys.stdin), Context())
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.fixture(scope="module")
def large() -> bytes:
    """A JPEG of 10,000 x 10,000 pixels and about 60 MB, with EXIF."""
    noise = np.random.default_rng(1).integers(0, 256, (SIDE // 4, SIDE), dtype=np.uint8)
    file = BytesIO()
    Image.fromarray(np.tile(noise, (4, 1))).save(file, "JPEG", quality=78, exif=EXIF)
    return file.getvalue()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak memory is read from /proc")
def test_a_large_image_is_cleaned_in_bounded_memory(function: "Function", large: bytes) -> None:
    assert 55_000_000 < len(large) < 70_000_000
    function.upload("large.jpg", large)
    event = AccessPointGet(function).event("large.jpg", "", {})
    result = subprocess.run(  # noqa: S603 - this Python, this code
        [sys.executable, "-c", CODE],
        input=json.dumps(event),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PACKAGES))},
        capture_output=True,
        text=True,
        check=True,
    )
    (response,) = function.delivered_responses()
    assert response.status == 200
    # Only the EXIF segment is missing: no pixel was encoded again.
    segment = b"\xff\xe1" + (len(EXIF) + 2).to_bytes(2) + EXIF
    assert response.body == large.replace(segment, b"", 1)
    found = re.search(r"VmHWM:\s+(\d+) kB", result.stdout)
    assert found
    peak_bytes = int(found[1]) * 1024
    # The file before and after cleaning, and the interpreter with Pillow.
    assert peak_bytes < 2 * len(large) + 80_000_000
