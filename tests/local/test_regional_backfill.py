"""Derivatives of regional_resize that a backfill makes ahead of the first request."""

from pathlib import Path

import pytest
from image_core import OUTPUT_VERSION
from image_url import derivative_path

from tests.local.object_lambda_stack import Served
from tools.backfill.backfill import Work, run_backfill
from tools.backfill.manifest import list_originals, write_manifest
from tools.backfill.options import name_derivatives
from tools.backfill.outputs import RegionalOutputs
from tools.deployment import Deployment
from tools.paths import SAMPLES

pytestmark = pytest.mark.xdist_group("stack")

KEYS = ["ahead/a.jpg", "ahead/b +%é.jpg", "ahead/broken.jpg", "ahead/notes.txt"]


def test_viewers_of_derivatives_made_ahead_run_no_function(regional: Served, tmp_path: Path) -> None:
    outputs = RegionalOutputs.from_terraform(regional.outputs)
    assert outputs.excluded_prefix == "resized/"
    for key in KEYS:
        regional.put(key, (SAMPLES / ("broken/text.jpg" if "broken" in key else "cat.jpg")).read_bytes())
    deployment = Deployment(
        session=regional.stack.emulator.session(),
        endpoint_url=regional.stack.emulator_url,
        outputs=outputs,
    )
    keys = [each.key for each in list_originals(deployment.s3, outputs) if each.key.startswith("ahead/")]
    assert sorted(keys) == sorted(KEYS[:3])
    manifest = tmp_path / "manifest.csv"
    write_manifest(manifest, outputs.source_bucket, keys)
    names = name_derivatives(["width=64&format=webp", "size=S&format=jpeg"], outputs)
    work = Work(deployment=deployment, arguments={"derivatives": names})

    first = run_backfill(work, manifest, len(keys))
    again = run_backfill(work, manifest, len(keys))

    assert (first.outcomes, set(first.reasons)) == ({"made": 2}, {"ahead/broken.jpg"})
    assert again.outcomes == {"found": 2}
    runs = regional.count_runs("regional_resize")
    for key in KEYS[:2]:
        assert regional.viewer.get(key, "w=64&fm=webp").image().format == "WEBP"
        assert regional.viewer.get(key, "size=S&format=jpeg").status == 200
    assert regional.count_runs("regional_resize") == runs
    listed = deployment.s3.list_objects_v2(
        Bucket=outputs.destination_bucket, Prefix=derivative_path(KEYS[1], "v")[:-1]
    )
    assert [each["Key"].rpartition("/")[2] for each in listed["Contents"]] == [
        f"v{OUTPUT_VERSION}_w64_q80.webp",
        f"v{OUTPUT_VERSION}_w854_h480_box_q80.jpg",
    ]
