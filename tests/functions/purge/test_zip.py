"""The zip of purge contains nothing but the packages that it needs."""

import zipfile
from pathlib import Path

from tools.build import build


def test_the_zip_has_only_packages_of_this_project(tmp_path: Path) -> None:
    build(["purge"], builder="host", out=tmp_path)
    with zipfile.ZipFile(tmp_path / "purge.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {
            "derivatives",
            "image_url",
            "lambda_runtime",
            "purge",
            "s3_http",
            "sigv4",
        }
    assert (tmp_path / "purge.zip").stat().st_size < 150_000
