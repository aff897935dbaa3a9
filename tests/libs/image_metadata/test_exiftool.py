"""exiftool, an independent parser, finds only descriptions of the pixels in cleaned files."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from image_metadata import clean

from tests.libs.image_metadata.test_cleaning import WHOLE_SAMPLES, read
from tools.fuzz import samples

ENCODERS = Path(__file__).parents[1] / "encoders"
FILES = {
    **samples.FILES,
    **{name.replace("/", "-"): read(name) for name in WHOLE_SAMPLES},
    **{path.name: path.read_bytes() for path in ENCODERS.glob("*.avif")},
}
NO_DATE = "0000:00:00 00:00:00"
ALLOWED = [
    r"SourceFile|ExifTool:ExifToolVersion|System:.*|Composite:(ImageSize|Megapixels)|ICC.*",
    r"File:(FileType|FileTypeExtension|MIMEType|ImageWidth|ImageHeight|EncodingProcess|BitsPerSample)",
    r"File:(ColorComponents|YCbCrSubSampling|BMPVersion|Planes|BitDepth|Compression|ImageLength)",
    r"File:(PixelsPerMeter[XY]|NumColors|NumImportantColors|(Red|Green|Blue|Alpha)Mask|ColorSpace|RenderingIntent)",
    r"File:((Red|Green|Blue)Endpoint|Gamma(Red|Green|Blue)|ProfileSize|ProfileDataOffset)",
    r"File:BMP_0x00[3-7][0-9a-f]",  # the same fields of the largest header, which exiftool has no names for
    r"JFIF:(JFIFVersion|ResolutionUnit|[XY]Resolution)",
    r"Adobe:(DCTEncodeVersion|APP14Flags[01]|ColorTransform)",
    r"PNG:(Image(Width|Height)|BitDepth|ColorType|Compression|Filter|Interlace|Palette|Transparency|Gamma)",
    r"PNG:(Animation(Frames|Plays)|ProfileName)|PNG-pHYs:(PixelUnits|PixelsPerUnit[XY])",
    r"PNG-cICP:(ColorPrimaries|MatrixCoefficients|TransferCharacteristics|VideoFullRangeFlag)",
    r"GIF:(GIFVersion|Image(Width|Height)|HasColorMap|ColorResolutionDepth|BitsPerPixel|BackgroundColor)",
    r"GIF:(Animation(Iterations)|FrameCount|Duration|TransparentColor)",
    r"RIFF:(Image(Width|Height)|VP8Version|(Horizontal|Vertical)Scale|WebP_Flags|Alpha[A-Z][a-z]+)",
    r"RIFF:(BackgroundColor|AnimationLoopCount|Duration)",
    r"QuickTime:(MajorBrand|MinorVersion|CompatibleBrands|HandlerType|ImageSpatialExtent|ImagePixelDepth)",
    r"QuickTime:(Color(Profiles|Primaries)|TransferCharacteristics|MatrixCoefficients|VideoFullRangeFlag)",
    r"QuickTime:(AV1ConfigurationVersion|SeqProfile|SeqLevelIdx0|SeqTier0|HighBitDepth|TwelveBit|Rotation)",
    r"QuickTime:(Chroma(Format|SamplePosition)|InitialDelaySamples|AuxiliaryImageType|MediaData(Size|Offset)?)",
    r"QuickTime:(MovieHeaderVersion|TimeScale|Duration|PreferredRate|PreferredVolume|MatrixStructure|NextTrackID)",
    r"QuickTime:((Preview|Selection)Duration|(Preview|Poster|Selection|Current)Time)",  # constants
    r"QuickTime:(CleanAperture|PixelAspectRatio|Unknown_imir)",
    r"QuickTime:QuickTime_ColorRep_0x000a|Meta:PrimaryItemReference|Composite:(AvgBitrate|Rotation)",
    r"Track[12]:(Track(HeaderVersion|ID|Duration|Layer|Volume)|MatrixStructure|Image(Width|Height))",
    r"Track[12]:(Media(HeaderVersion|TimeScale|Duration|LanguageCode)|HandlerType|GraphicsMode|OpColor)",
    r"Track[12]:(OtherFormat|QuickTime_OtherSampleDesc_0x0018|Unknown_(edts|auxl|av1C|colr|ccst|auxi|pasp))",
    r"Track[12]:(TimeToSampleTable|SyncSampleTable|SampleToChunk|SampleSizes|ChunkOffset)",
]


def read_tags(files: Mapping[str, bytes], folder: Path) -> dict[str, dict[str, Any]]:
    """Return every tag that exiftool finds, by file and group:name, with unknown and repeated ones."""
    program = shutil.which("exiftool")
    if program is None:
        message = "exiftool is missing (Debian: libimage-exiftool-perl)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    command = [program, "-config", "", "-j", "-G1", "-a", "-u", "-U", "-ee3", str(folder)]
    result = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the program just found
    return {Path(tags["SourceFile"]).name: tags for tags in json.loads(result.stdout)}


def surplus(tags: Mapping[str, Any]) -> set[str]:
    """Return the tags that are not allowed."""
    return {tag for tag in tags if not any(re.fullmatch(each, tag) for each in ALLOWED)} - {
        # An animated AVIF must have dates; they may be empty.
        tag
        for tag, value in tags.items()
        if re.fullmatch(r"(QuickTime|Track[12]):\w+Date", tag) and value == NO_DATE
    }


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return read_tags(FILES, tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    return read_tags(
        {name: clean(data).data for name, data in FILES.items()}, tmp_path_factory.mktemp("after")
    )


@pytest.mark.parametrize("name", FILES)
def test_no_metadata_is_found(name: str, after: dict[str, dict[str, Any]]) -> None:
    assert surplus(after[name]) == set()
    assert samples.SECRET.decode() not in json.dumps({**after[name], "SourceFile": ""})


@pytest.mark.parametrize("name", FILES)
def test_the_profile_is_the_same(
    name: str, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]
) -> None:
    profiles = [
        {tag: value for tag, value in tags[name].items() if tag.startswith("ICC")} for tags in (before, after)
    ]
    assert profiles[0] == profiles[1]


def test_exiftool_finds_what_the_originals_hold(before: dict[str, dict[str, Any]]) -> None:
    groups = {name: {tag.partition(":")[0] for tag in surplus(tags)} for name, tags in before.items()}
    assert groups["baseline.jpg"] >= {"IFD0", "ExifIFD", "GPS", "IFD1", "IPTC", "Photoshop", "XMP-dc", "JFXX"}
    assert groups["photo.png"] >= {"IFD0", "GPS", "PNG", "XMP-dc"}
    assert groups["animated.gif"] >= {"GIF", "XMP-dc"}
    assert groups["animated.webp"] >= {"IFD0", "XMP-dc"}
    assert groups["still.avif"] >= {"IFD0", "ExifIFD", "GPS", "XMP-dc"}
    assert "Track1:TrackCreateDate" in surplus(before["animated.avif"])
    assert groups["sunset.jpg"] >= {"IFD0", "ExifIFD", "GPS"}
