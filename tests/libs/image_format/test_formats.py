"""The table of formats, and detection by content."""

from pathlib import Path

import pytest
from image_format import (
    DETECTION_BYTES,
    Format,
    NotAnImage,
    detect_format,
    load_for_every_format,
    require_format,
)

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta"

IMAGES = Path(__file__).parents[2] / "images"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cat.jpg", Format.JPEG),
        ("coffee.mpo", Format.JPEG),
        ("cat.png", Format.PNG),
        ("cat.gif", Format.GIF),
        ("cat.bmp", Format.BMP),
        ("cat.webp", Format.WEBP),
        ("cat.avif", Format.AVIF),
    ],
)
def test_files_are_detected_by_their_content(name: str, expected: Format) -> None:
    assert require_format((IMAGES / name).read_bytes()) is expected


@pytest.mark.parametrize(
    "data",
    [b"", b"text", b"II*\0", b"GIF88a", b"\xff\xd8", b"RIFX\4\0\0\0WEBP", b"RIFF\4\0\0\0WAVE", b" BM", HEIC],
)
def test_other_files_are_refused(data: bytes) -> None:
    assert detect_format(data) is None
    with pytest.raises(NotAnImage, match="not a JPEG, PNG, GIF, BMP, WebP or AVIF"):
        require_format(data)


def test_every_format_has_a_signature_of_its_own() -> None:
    for each in Format:
        for signature in each.signatures:
            head = bytearray(DETECTION_BYTES)
            for offset, part in signature.items():
                head[offset : offset + len(part)] = part
            assert detect_format(bytes(head)) is each


def test_a_module_without_an_entry_is_refused_when_the_table_is_made() -> None:
    assert list(load_for_every_format("image_format", "dimensions")) == list(Format)
    with pytest.raises(AttributeError, match=r"'image_format\.jpeg' has no attribute 'encode'"):
        load_for_every_format("image_format", "encode")


def test_a_format_without_a_module_is_refused_when_the_table_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "without_bmp"
    folder.mkdir()
    for each in set(Format) - {Format.BMP}:
        (folder / f"{each.lower()}.py").write_text("ENTRY = 1")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match=r"No module named 'without_bmp\.bmp'"):
        load_for_every_format("without_bmp", "ENTRY")
