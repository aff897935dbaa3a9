"""What showExif=true discloses: by default nothing of people, places and individual devices."""

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
    from tests.functions.object_lambda.conftest import Way

SUNSET = (Path(__file__).parents[2] / "images" / "sunset.jpg").read_bytes()
NAMES = {tag.name for tag in ExifTags.Base} | set(ExifTags.TAGS.values())
POINTERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo, ExifTags.IFD.Interop)
ASCII, UNDEFINED, LONG = 2, 7, 4

type Fields = dict[int, tuple[int, bytes]]


def directory(fields: Fields, start: int, following: int = 0) -> bytes:
    """An IFD of a little-endian block with its values behind it (TIFF 6.0, section 2)."""
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


def jpeg_with(zeroth: Fields, exif: Fields, gps: Fields, interop: Fields, first: Fields) -> bytes:
    """A JPEG whose EXIF block has these fields in these sections."""
    places, block = {}, b"II*\0" + struct.pack("<I", 0)
    for name, fields in (("interop", interop), ("gps", gps), ("first", first)):
        places[name] = len(block)
        block += directory(fields, len(block))
    exif = {**exif, ExifTags.IFD.Interop: (LONG, struct.pack("<I", places["interop"]))}
    places["exif"] = len(block)
    block += directory(exif, len(block))
    zeroth = {
        **zeroth,
        ExifTags.IFD.Exif: (LONG, struct.pack("<I", places["exif"])),
        ExifTags.IFD.GPSInfo: (LONG, struct.pack("<I", places["gps"])),
    }
    block = (
        block[:4] + struct.pack("<I", len(block)) + block[8:] + directory(zeroth, len(block), places["first"])
    )
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG", exif=b"Exif\0\0" + block)
    return file.getvalue()


def filled(names: dict[int, str], kind: int) -> Fields:
    """Every field, and some that have no name, with a text that names itself."""
    tags = {**names, **{tag: hex(tag) for tag in (0x0001, 0x9999, 0xC62F, 0xFFFE)}}
    return {tag: (kind, f"Secret {name}\0".encode()) for tag, name in tags.items() if tag not in POINTERS}


@pytest.mark.parametrize("kind", [ASCII, UNDEFINED])
def test_no_field_tells_a_text_but_those_that_name_a_model(kind: int) -> None:
    """The whole table of fields of EXIF, TIFF and DNG that Pillow has names for, in every section."""
    base = filled(ExifTags.TAGS, kind)
    interop = filled({tag.value: tag.name for tag in ExifTags.Interop}, kind)
    exif = read_exif(jpeg_with(base, base, filled(ExifTags.GPSTAGS, kind), interop, base))
    found = {name: len(section) for name, section in exif.items() if isinstance(section, dict)}
    assert min(found[name] for name in ("0th", "Exif", "1st")) > 250
    assert {"GPS", "Interop"} <= set(found)
    told = json.dumps(without_identity(exif))
    assert set(re.findall(r"Secret (\w+)", told)) == {"Make", "Model", "LensMake", "LensModel"}
    assert "0x" not in told


def test_the_lists_have_no_name_that_is_none() -> None:
    # One that is misspelt would disclose nothing, and nobody would notice.
    listed = NUMBERS | DATES_AND_VERSIONS | DEVICES
    assert listed - NAMES == set()


SHARED = {
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
        # Numbers that hold something else, and a date that is none.
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


def test_what_is_shared_and_what_is_not() -> None:
    both = {name: {**PRIVATE.get(name, {}), **SHARED.get(name, {})} for name in {**PRIVATE, **SHARED}}
    assert without_identity(both) == SHARED
    assert without_identity({name: fields for name, fields in both.items() if name not in SHARED}) == {}
    assert without_identity(PRIVATE) == {}
    assert without_identity({}) == {}


def ask(way: "Way") -> "Any":
    way.function.upload("sunset.jpg", SUNSET)
    return way.ask("sunset.jpg", "showExif=true")


def test_by_default_nobody_learns_where_it_was(way: "Way") -> None:
    got = ask(way)
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    exif = read_exif(SUNSET)
    assert "GPS" in exif
    assert got.length == len(json.dumps(without_identity(exif)))
    if got.body:
        assert set(json.loads(got.body)) <= {"0th", "Exif"}
        assert b"GPS" not in got.body


def test_everything_if_the_deployment_says_so(way: "Way", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_EXIF", "all")
    got = ask(way)
    assert got.length == len(json.dumps(read_exif(SUNSET)))


def test_nothing_if_the_deployment_says_so(way: "Way", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_EXIF", "off")
    got = ask(way)
    assert (got.status, got.headers["cache-control"]) == (403, "max-age=60")
    assert got.code in {"AccessDenied", None}
    # Nothing was read for it, and the image is there as ever.
    assert way.function.asked() == []
    assert way.ask("sunset.jpg", "showExif=false").status == 200
