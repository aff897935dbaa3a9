"""The search for metadata in responses finds metadata, and none in those of the product."""

import shutil
from pathlib import Path

import pytest

from tools.fuzz import disclosures
from tools.fuzz.disclosures import Search, name_of, render_searches, search
from tools.fuzz.exiftool import surplus

IMAGES = Path(__file__).parents[2] / "images"
pytestmark = pytest.mark.skipif(not shutil.which("exiftool"), reason="needs exiftool")


def test_responses_of_the_product_have_no_metadata() -> None:
    found = search("two", [IMAGES / "orientation" / "6.jpg", IMAGES / "broken" / "text.jpg"])
    assert (found.files, found.findings) == (2, [])
    assert found.responses >= 10


def test_metadata_and_unreadable_responses_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Responses that are the original, and a text."""

    def respond(files: list[Path], _: str, folder: Path) -> list[dict[str, object]]:
        name = name_of(files[0].read_bytes())
        shutil.copy(files[0], folder / f"{name}-size=S-stored.jpeg")
        (folder / f"{name}-to_webp=1-stored.png").write_bytes(b"Jane Doe")
        return [{"path": "x.jpg", "ended": -11, "peak_bytes": 0, "outcomes": []}]

    monkeypatch.setattr(disclosures, "try_files", respond)
    crash, original, text = search("one", [IMAGES / "sunset.jpg"]).findings
    assert crash == "x.jpg: the process ended with -11"
    assert original.startswith(f"{IMAGES / 'sunset.jpg'}, size=S-stored.jpeg: ")
    assert "GPS:GPSLatitude" in original
    assert text.startswith(f"{IMAGES / 'sunset.jpg'}, to_webp=1-stored.png: File:LineCount")


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({"PNG:WhitePointX": 0.3127, "PNG:SignificantBits": "8 8 8"}, set()),
        ({"PNG:Comment": "Jane"}, {"PNG:Comment"}),
        ({"Track1:TrackCreateDate": "0000:00:00 00:00:00"}, set()),
        ({"Track1:TrackCreateDate": "2026:11:30 17:00:00"}, {"Track1:TrackCreateDate"}),
    ],
)
def test_tags(tags: dict[str, str], found: set[str]) -> None:
    assert surplus(tags) == found


def test_rows() -> None:
    rows = render_searches([Search(corpus="pillow", files=1_060, responses=4_000, findings=["x: GPS"])])
    assert rows.splitlines()[2:] == ["| pillow | 1,060 | 4,000 | 1 |"]
