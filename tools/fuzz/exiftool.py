"""Metadata that exiftool, an independent parser, finds in files that must have none."""

import json
import re
import shutil
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

from tools.console import ToolError
from tools.process import start

# Tags that describe the pixels, in fields of fixed lengths or of numbers. Only ICC profiles hold texts,
# such as name (PNG:ProfileName), description and copyright (ICC.*). They are kept on purpose.
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
    r"PNG:SRGBRendering",  # sRGB: one byte, the rendering intent
    r"PNG:SignificantBits",  # sBIT: a number of bits for each channel, of one byte
    r"PNG:BackgroundColor",  # bKGD: one pixel, of six bytes at most
    r"PNG:(WhitePoint|Red|Green|Blue)[XY]",  # eight chromaticities, dropped if one is above 1
    r"GIF:(GIFVersion|Image(Width|Height)|HasColorMap|ColorResolutionDepth|BitsPerPixel|BackgroundColor)",
    r"GIF:(Animation(Iterations)|FrameCount|Duration|TransparentColor)",
    r"GIF:PixelAspectRatio",  # one byte
    r"RIFF:(Image(Width|Height)|VP8Version|(Horizontal|Vertical)Scale|WebP_Flags|Alpha[A-Z][a-z]+)",
    r"RIFF:(BackgroundColor|AnimationLoopCount|Duration)",
    r"QuickTime:(MajorBrand|MinorVersion|CompatibleBrands|HandlerType|ImageSpatialExtent|ImagePixelDepth)",
    r"QuickTime:(Color(Profiles|Primaries)|TransferCharacteristics|MatrixCoefficients|VideoFullRangeFlag)",
    r"QuickTime:(AV1ConfigurationVersion|SeqProfile|SeqLevelIdx0|SeqTier0|HighBitDepth|TwelveBit|Rotation)",
    r"QuickTime:QuickTime_AV1Config_0x[0-9a-f]+",  # the header of the AV1 sequence, which decoders read
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
_ALLOWED = re.compile("|".join(ALLOWED))
# An animated AVIF must have dates; they may be empty.
_DATE = re.compile(r"(QuickTime|Track[12]):\w+Date")
_NO_DATE = "0000:00:00 00:00:00"

type Tags = dict[str, Any]
"""Values by group:name."""


def read_tags(folder: Path) -> dict[str, Tags]:
    """Return every tag of every file in a folder by the name of the file, with unknown and repeated ones.

    exiftool reads only files with the extension of a format.

    Raises:
        ToolError: exiftool is missing.
    """
    program = shutil.which("exiftool")
    if program is None:
        raise ToolError("exiftool is missing (Debian: libimage-exiftool-perl).")
    command: list[str | Path] = [program, "-config", "", "-j", "-G1", "-a", "-u", "-U", "-ee3", folder]
    # The exit code is 1 if there is no tag in one of the files, or if one of them is damaged.
    printed, _ = start(command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL).communicate()
    return {Path(tags["SourceFile"]).name: tags for tags in json.loads(printed or "[]")}


def surplus(tags: Tags) -> set[str]:
    """Return the names of the tags that do more than describe the pixels."""
    return {
        name
        for name, value in tags.items()
        if not _ALLOWED.fullmatch(name) and not (_DATE.fullmatch(name) and value == _NO_DATE)
    }
