"""The unpacked zip: the code of edge_resize's zip, and nothing that the function does not import."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("functions under the runtime")

# edge_resize's zip has these too, and tests/tools/build/test_edge_resize_zip.py transforms images with them.
COMMON = {
    "PIL",
    "cykooz_resizer",
    "derivation",
    "image_core",
    "image_format",
    "image_metadata",
    "image_url",
    "lambda_runtime",
    "s3_http",
    "sigv4",
}
OWN = {"batch_operations", "derivatives", "function_url", "regional_resize"}


def packages(folder: Path) -> set[str]:
    return {
        path.name
        for path in folder.iterdir()
        if path.is_dir() and not path.name.endswith((".dist-info", ".libs"))
    }


def test_packages(zips: Path) -> None:
    found = packages(zips / "regional_resize")
    assert {name for name in found if not name.startswith("_")} == COMMON | OWN


@pytest.mark.parametrize("package", sorted(COMMON))
def test_the_same_files_as_in_edge_resize(zips: Path, package: str) -> None:
    theirs, ours = (
        {path.relative_to(root): path.read_bytes() for path in (root / package).rglob("*") if path.is_file()}
        for root in (zips / "edge_resize", zips / "regional_resize")
    )
    assert ours
    assert ours == theirs
