"""The zip of edge_signer: what a request at the edge needs, and nothing else."""

import zipfile
from pathlib import Path

from tools.build import build


def test_there_is_nothing_but_our_own_packages(tmp_path: Path) -> None:
    build(["edge_signer"], builder="host", out=tmp_path)
    with zipfile.ZipFile(tmp_path / "edge_signer.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {
            "edge_event",
            "edge_signer",
            "lambda_runtime",
            "sigv4",
        }
    assert (tmp_path / "edge_signer.zip").stat().st_size < 60_000
