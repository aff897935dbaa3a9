"""exiftool, an independent parser, finds only descriptions of the pixels in cleaned files."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from image_metadata import clean

from tests.libs.image_metadata.test_cleaning import WHOLE_SAMPLES, read
from tools.console import ToolError
from tools.fuzz import exiftool, samples
from tools.fuzz.exiftool import Tags, surplus

ENCODERS = Path(__file__).parents[1] / "encoders"
FILES = {
    **samples.FILES,
    **{name.replace("/", "-"): read(name) for name in WHOLE_SAMPLES},
    **{path.name: path.read_bytes() for path in ENCODERS.glob("*.avif")},
}


def read_tags(files: Mapping[str, bytes], folder: Path) -> dict[str, Tags]:
    """Return every tag that exiftool finds, by file and group:name, with unknown and repeated ones."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    try:
        return exiftool.read_tags(folder)
    except ToolError as missing:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tags]:
    return read_tags(FILES, tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tags]:
    return read_tags(
        {name: clean(data).data for name, data in FILES.items()}, tmp_path_factory.mktemp("after")
    )


@pytest.mark.parametrize("name", FILES)
def test_no_metadata_is_found(name: str, after: dict[str, Tags]) -> None:
    assert surplus(after[name]) == set()
    assert samples.SECRET.decode() not in json.dumps({**after[name], "SourceFile": ""})


@pytest.mark.parametrize("name", FILES)
def test_the_profile_is_the_same(name: str, before: dict[str, Tags], after: dict[str, Tags]) -> None:
    profiles = [
        {tag: value for tag, value in tags[name].items() if tag.startswith("ICC")} for tags in (before, after)
    ]
    assert profiles[0] == profiles[1]


def test_exiftool_finds_what_the_originals_hold(before: dict[str, Tags]) -> None:
    groups = {name: {tag.partition(":")[0] for tag in surplus(tags)} for name, tags in before.items()}
    assert groups["baseline.jpg"] >= {"IFD0", "ExifIFD", "GPS", "IFD1", "IPTC", "Photoshop", "XMP-dc", "JFXX"}
    assert groups["photo.png"] >= {"IFD0", "GPS", "PNG", "XMP-dc"}
    assert groups["animated.gif"] >= {"GIF", "XMP-dc"}
    assert groups["animated.webp"] >= {"IFD0", "XMP-dc"}
    assert groups["still.avif"] >= {"IFD0", "ExifIFD", "GPS", "XMP-dc"}
    assert "Track1:TrackCreateDate" in surplus(before["animated.avif"])
    assert groups["sunset.jpg"] >= {"IFD0", "ExifIFD", "GPS"}
