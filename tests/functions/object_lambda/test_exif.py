"""EXIF data that showExif=true discloses: by default none that identifies a person, place or device."""

import json
import re
import struct
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from image_metadata import read_exif
from object_lambda.exif import DATES_AND_VERSIONS, DEVICES, NUMBERS, without_identity
from PIL import ExifTags, Image

if TYPE_CHECKING:
    from tests.functions.object_lambda.conftest import EntryPoint

SUNSET = (Path(__file__).parents[2] / "images" / "sunset.jpg").read_bytes()
NAMES = {tag.name for tag in ExifTags.Base} | set(ExifTags.TAGS.values())
POINTERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop)
ASCII, UNDEFINED, LONG = 2, 7, 4

type Fields = dict[int, tuple[int, bytes]]


def make_directory(fields: Fields, start: int, following: int = 0) -> bytes:
    """Return a little-endian IFD, followed by the values of its fields (TIFF 6.0, section 2)."""
    entries, values = b"", b""
    values_at = start + 2 + 12 * len(fields) + 4
    for tag, (kind, raw) in sorted(fields.items()):
        count = len(raw) // 4 if kind == LONG else len(raw)
        if len(raw) <= 4:
            place = raw.ljust(4, b"\0")
        else:
            place = struct.pack("<I", values_at + len(values))
            values += raw + b"\0" * (len(raw) % 2)
        entries += struct.pack("<HHI", tag, kind, count) + place
    return struct.pack("<H", len(fields)) + entries + struct.pack("<I", following) + values


def make_jpeg(zeroth: Fields, exif: Fields, gps: Fields, interop: Fields, first: Fields) -> bytes:
    """Return a JPEG with an EXIF block that has the given fields in each section."""
    places, block = {}, b"II*\0" + struct.pack("<I", 0)
    for name, fields in (("interop", interop), ("gps", gps), ("first", first)):
        places[name] = len(block)
        block += make_directory(fields, len(block))
    exif = {**exif, ExifTags.IFD.Interop: (LONG, struct.pack("<I", places["interop"]))}
    places["exif"] = len(block)
    block += make_directory(exif, len(block))
    zeroth = {
        **zeroth,
        ExifTags.IFD.Exif: (LONG, struct.pack("<I", places["exif"])),
        ExifTags.IFD.GPSInfo: (LONG, struct.pack("<I", places["gps"])),
    }
    block = (
        block[:4]
        + struct.pack("<I", len(block))
        + block[8:]
        + make_directory(zeroth, len(block), places["first"])
    )
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=b"Exif\0\0" + block)
    return file.getvalue()


def fill_fields(names: dict[int, str], kind: int) -> Fields:
    """Return every field, and some without a name, each with its name as a text value."""
    tags = {**names, **{tag: hex(tag) for tag in (0x0001, 0x9999, 0xC62F, 0xFFFE)}}
    return {tag: (kind, f"Secret {name}\0".encode()) for tag, name in tags.items() if tag not in POINTERS}


@pytest.mark.parametrize("kind", [ASCII, UNDEFINED])
def test_only_makes_and_models_are_disclosed_as_text(kind: int) -> None:
    """Every EXIF, TIFF and DNG field that Pillow has a name for, in every section."""
    base = fill_fields(ExifTags.TAGS, kind)
    interop = fill_fields({tag.value: tag.name for tag in ExifTags.Interop}, kind)
    exif = read_exif(make_jpeg(base, base, fill_fields(ExifTags.GPSTAGS, kind), interop, base))
    found = {name: len(section) for name, section in exif.items() if isinstance(section, dict)}
    assert min(found[name] for name in ("0th", "Exif", "1st")) > 250
    assert {"GPS", "Interop"} <= set(found)
    disclosed = json.dumps(without_identity(exif))
    assert set(re.findall(r"Secret (\w+)", disclosed)) == {"Make", "Model", "LensMake", "LensModel"}
    assert "0x" not in disclosed


def test_the_allow_lists_have_only_existing_names() -> None:
    # A misspelt name would disclose nothing, and no other test would fail.
    listed = NUMBERS | DATES_AND_VERSIONS | DEVICES
    assert listed - NAMES == set()


PUBLIC = {
    "0th": {"Make": "Camera Works", "Model": "C-1", "Orientation": 6, "XResolution": 72.0},
    "Exif": {
        "ExposureTime": 0.004,
        "FNumber": 2.8,
        "ISOSpeedRatings": 100,
        "DateTimeOriginal": "2026:03:01 12:30:45",
        "LensModel": "50mm f/1.8",
        "LensSpecification": [50.0, 50.0, None, None],
        "ExifVersion": "0232",
        "Flash": 16,
    },
}
PRIVATE: dict[str, dict[str, Any]] = {
    "0th": {
        "Artist": "Anna Example",
        "Copyright": ["Anna Example", "Example Ltd"],
        "HostComputer": "Annas MacBook",
        "ImageDescription": "Anna at home",
        "Software": "Editor, licensed to Anna Example",
        "XPAuthor": "Anna Example",
        "XPComment": "Anna",
        "XPKeywords": "Anna",
        "XPSubject": "Anna",
        "XPTitle": "Anna",
        "CameraSerialNumber": "123456",
        "0x9999": "Anna",
    },
    "Exif": {
        "BodySerialNumber": "123456",
        "CameraOwnerName": "Anna Example",
        "ImageUniqueID": "0123456789abcdef",
        "LensSerialNumber": "123456",
        "MakerNote": {"base64": "U2VjcmV0"},
        "OffsetTime": "+02:00",
        "OffsetTimeOriginal": "+02:00",
        "Pressure": 1013.0,
        "UserComment": "Anna",
        "WaterDepth": -1.0,
        # Numeric fields with other types of values, and an invalid date.
        "Sharpness": "Anna",
        "Contrast": {"base64": "QW5uYQ=="},
        "DateTimeDigitized": "Anna, in May",
        "SubjectLocation": [1, "Anna"],
        "ISOSpeedRatings (0x8833)": 1,
    },
    "GPS": {"GPSLatitude": [52.0, 31.0, 12.0], "GPSDateStamp": "2026:03:01"},
    "Interop": {"InteropIndex": "R98"},
    "1st": {"Make": "Camera Works", "ImageDescription": "Anna"},
    "elsewhere": {"Make": "Anna"},
}


def test_public_fields_are_kept_and_private_ones_omitted() -> None:
    both = {name: {**PRIVATE.get(name, {}), **PUBLIC.get(name, {})} for name in {**PRIVATE, **PUBLIC}}
    assert without_identity(both) == PUBLIC
    assert without_identity({name: fields for name, fields in both.items() if name not in PUBLIC}) == {}
    assert without_identity(PRIVATE) == {}
    assert without_identity({}) == {}


def request_exif(entry_point: "EntryPoint") -> "Any":
    entry_point.function.upload("sunset.jpg", SUNSET)
    return entry_point.send("sunset.jpg", "showExif=true")


def test_by_default_the_place_is_not_disclosed(entry_point: "EntryPoint") -> None:
    response = request_exif(entry_point)
    assert (response.status, response.headers["content-type"]) == (200, "application/json")
    exif = read_exif(SUNSET)
    assert "GPS" in exif
    assert response.length == len(json.dumps(without_identity(exif)))
    if response.body:
        assert set(json.loads(response.body)) <= {"0th", "Exif"}
        assert b"GPS" not in response.body


def test_all_fields_with_the_setting_all(entry_point: "EntryPoint", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_EXIF", "all")
    response = request_exif(entry_point)
    assert response.length == len(json.dumps(read_exif(SUNSET)))


def test_a_403_with_the_setting_off(entry_point: "EntryPoint", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_EXIF", "off")
    response = request_exif(entry_point)
    assert (response.status, response.headers["cache-control"]) == (403, "max-age=60")
    assert response.code in {"AccessDenied", None}
    # The original is not read, and the image remains available.
    assert entry_point.function.requested_methods() == []
    assert entry_point.send("sunset.jpg", "showExif=false").status == 200
