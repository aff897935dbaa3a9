import re
import shutil
import sys
from itertools import chain
from pathlib import Path

import pytest
from PIL import Image

from tools.bench.conversions import OUTPUTS
from tools.bench.environment import PEERS, Peers
from tools.bench.machine import parse_processor_model
from tools.bench.originals import (
    ALPHA,
    ANIMATION,
    GRAPHICS_TUNED_ON,
    IN_CONVERSIONS,
    MEASURED_ON,
    PALETTE,
    PHOTOGRAPH,
    PROGRESSIVE,
    SAMPLES_MEASURED_ON,
    TUNED_ON,
    TWELVE_MEGAPIXELS,
    Kind,
    find_originals,
    find_photographs,
)
from tools.paths import PROJECT, SAMPLES

HERE = Path(sys.executable)


def test_originals_for_tuning_are_not_measured() -> None:
    measured = {*MEASURED_ON, *PROGRESSIVE, *chain.from_iterable(IN_CONVERSIONS.values())}
    assert measured.isdisjoint(TUNED_ON)
    assert len(MEASURED_ON) + len(SAMPLES_MEASURED_ON) >= 8
    assert all((PROJECT / folder).is_dir() for folder in GRAPHICS_TUNED_ON)


def test_without_npm_only_the_samples_are_left(tmp_path: Path) -> None:
    assert find_photographs(tmp_path, SAMPLES) == {
        "baseline": [SAMPLES / name for name in SAMPLES_MEASURED_ON],
        "progressive": [],
    }


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like that of the npm packages, with small images in place of the originals, and of samples."""
    folder = tmp_path_factory.mktemp("packages")
    small = {PHOTOGRAPH: "cat.jpg", ALPHA: "logo-alpha.png", PALETTE: "logo-palette.png"}
    for content, paths in IN_CONVERSIONS.items():
        for path in paths:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes((SAMPLES / small.get(content, "logo-animated.gif")).read_bytes())
    (folder / "samples").mkdir()
    shutil.copyfile(SAMPLES / "orientation" / "6.jpg", folder / "samples" / TWELVE_MEGAPIXELS)
    return folder


def test_there_are_originals_of_every_kind(packages: Path, tmp_path: Path) -> None:
    peers = Peers(python=HERE, packages=packages, thumbor=HERE)
    originals = find_originals(peers, packages / "samples", tmp_path)
    assert originals.keys() == OUTPUTS.keys()
    for kind, paths in originals.items():
        assert len(set(paths)) == len(paths) == 3
        for path in paths:
            with Image.open(path) as image:
                assert image.format == kind.format
                assert (image.mode == "P") == (kind.content == PALETTE or kind.format == "GIF")
                assert image.has_transparency_data == (kind.content != PHOTOGRAPH)
                assert getattr(image, "n_frames", 1) == (12 if kind.content == ANIMATION else 1)


def test_made_photographs_are_upright_without_metadata(packages: Path, tmp_path: Path) -> None:
    peers = Peers(python=HERE, packages=None, thumbor=HERE)
    originals = find_originals(peers, packages / "samples", tmp_path)
    assert {kind.content for kind in originals} == {PHOTOGRAPH}
    for output in ("PNG", "WEBP", "AVIF"):
        with Image.open(originals[Kind(content=PHOTOGRAPH, format=output)][0]) as image:
            assert image.size == (451, 300)
            assert not image.getexif()


def test_the_npm_lock_names_no_registry() -> None:
    lock = (PEERS / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert re.search(r'"integrity": "sha512-', lock)


def test_the_processor_is_the_first_model_name() -> None:
    assert parse_processor_model("processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: x\n") == (
        "Some CPU @ 3 GHz"
    )
    assert parse_processor_model("") == "an unnamed processor"
