"""EXIF fields that may be disclosed to every viewer."""

import re
from collections.abc import Mapping
from typing import Final

from image_metadata import Json

# The tables list the fields that are allowed, because new versions of EXIF and vendors add fields, which then
# stay private. The tables omit GPS, names and owners (Artist, Copyright, CameraOwnerName, HostComputer, the
# XP fields of Windows), serial numbers, unique IDs, maker notes, free text (ImageDescription, UserComment,
# Software), other hints to the place (OffsetTime, Pressure, WaterDepth), binary fields, and the sections GPS,
# Interop and 1st.
NUMBERS = frozenset(
    """
    ApertureValue BitsPerSample BrightnessValue ColorSpace CompositeImage CompressedBitsPerPixel
    Compression Contrast CustomRendered DigitalZoomRatio ExifImageHeight ExifImageWidth
    ExposureBiasValue ExposureIndex ExposureMode ExposureProgram ExposureTime FNumber FileSource
    Flash FlashEnergy FocalLength FocalLengthIn35mmFilm FocalPlaneResolutionUnit
    FocalPlaneXResolution FocalPlaneYResolution GainControl Gamma ISOSpeed ISOSpeedLatitudeyyy
    ISOSpeedLatitudezzz ISOSpeedRatings ImageLength ImageWidth LensSpecification LightSource
    MaxApertureValue MeteringMode Orientation PhotometricInterpretation PlanarConfiguration
    PrimaryChromaticities RecommendedExposureIndex ReferenceBlackWhite ResolutionUnit
    SamplesPerPixel Saturation SceneCaptureType SceneType SensingMethod SensitivityType Sharpness
    ShutterSpeedValue StandardOutputSensitivity SubjectDistance SubjectDistanceRange SubjectLocation
    WhiteBalance WhitePoint XResolution YCbCrCoefficients YCbCrPositioning YCbCrSubSampling
    YResolution
    """.split()  # noqa: SIM905 - as a list it has 65 lines
)
_DIGITS: Final = re.compile(r"[0-9 :.]{0,32}")
DATES_AND_VERSIONS = frozenset(
    [
        "DateTime",
        "DateTimeDigitized",
        "DateTimeOriginal",
        "ExifVersion",
        "FlashPixVersion",
        "SubsecTime",
        "SubsecTimeDigitized",
        "SubsecTimeOriginal",
    ]
)
DEVICES = frozenset(["LensMake", "LensModel", "Make", "Model"])
_SECTIONS = ("0th", "Exif")


def without_identity(exif: Mapping[str, Json]) -> dict[str, Json]:
    """Return the EXIF fields that identify no person, place or individual device.

    A field with a value of another type than EXIF defines is omitted: text in a numeric field could identify
    anything.

    Args:
        exif: fields by section, from `image_metadata.read_exif`.

    Returns:
        The allowed fields of the sections `0th` and `Exif`, without empty sections.
    """
    sections = {name: section for name in _SECTIONS if isinstance(section := exif.get(name), dict)}
    kept: dict[str, Json] = {
        name: {field: value for field, value in section.items() if _is_public(field, value)}
        for name, section in sections.items()
    }
    return {name: section for name, section in kept.items() if section}


def _is_public(field: str, value: Json) -> bool:
    if field in NUMBERS:
        numbers = value if isinstance(value, list) else [value]
        return all(number is None or isinstance(number, int | float) for number in numbers)
    if field in DATES_AND_VERSIONS:
        return isinstance(value, str) and _DIGITS.fullmatch(value) is not None
    return field in DEVICES and isinstance(value, str)
