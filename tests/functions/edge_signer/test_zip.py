"""The zip of edge_signer contains nothing but the packages that it needs."""

import zipfile
from pathlib import Path

from tools.build import build


def test_the_zip_has_only_packages_of_this_project(tmp_path: Path) -> None:
    build(["edge_signer"], builder="host", out=tmp_path)
    with zipfile.ZipFile(tmp_path / "edge_signer.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {
            "edge_event",
            "edge_signer",
            "lambda_runtime",
            "sigv4",
        }
    assert (tmp_path / "edge_signer.zip").stat().st_size < 60_000
