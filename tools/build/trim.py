"""What stays out of a zip: one table, each line with its reason."""

from fnmatch import fnmatchcase

KEEP, DROP = True, False

# The first pattern that matches a path decides; a path without any is kept.
# `*` crosses folders.
RULES: tuple[tuple[bool, str, str], ...] = (
    (DROP, ".lock", "uv's mark on a folder that it installs into"),
    (DROP, "bin/*", "commands, which no function runs"),
    (DROP, "*.dist-info/INSTALLER", "names the installer, so it depends on the builder"),
    (DROP, "*.dist-info/RECORD", "lists the files of the wheel, of which some are left out here"),
    (DROP, "*.dist-info/REQUESTED", "marks what an installer was asked for"),
    (DROP, "*.dist-info/sboms/*", "a description of the wheel for auditors, who read the wheel"),
    (DROP, "*.pyi", "types are for checkers"),
    (DROP, "*/py.typed", "types are for checkers"),
    (DROP, "PIL/_typing.py", "types are for checkers"),
    # Pillow: the formats read and written are JPEG (MPO), PNG, GIF, BMP and WebP.
    (KEEP, "PIL/JpegImagePlugin.py", "JPEG"),
    (KEEP, "PIL/PngImagePlugin.py", "PNG"),
    (KEEP, "PIL/GifImagePlugin.py", "GIF"),
    (KEEP, "PIL/BmpImagePlugin.py", "BMP; Image.preinit imports it"),
    (KEEP, "PIL/WebPImagePlugin.py", "WebP"),
    (KEEP, "PIL/PpmImagePlugin.py", "Image.preinit imports it"),
    (DROP, "PIL/MpoImagePlugin.py", "of a JPEG with several pictures the first is read, as a JPEG"),
    (DROP, "PIL/TiffImagePlugin.py", "would read EXIF, which image_header does"),
    (DROP, "PIL/*Plugin.py", "formats that are not offered"),
    (DROP, "PIL/_avif.*", "AVIF is not offered"),
    (DROP, "pillow.libs/libavif-*", "AVIF is not offered"),
    (DROP, "PIL/_imagingft.*", "draws text"),
    (DROP, "PIL/*Font*.py", "draws text"),
    (DROP, "PIL/ImageText.py", "draws text"),
    (DROP, "pillow.libs/libfreetype-*", "draws text"),
    (DROP, "pillow.libs/libharfbuzz-*", "draws text"),
    (DROP, "pillow.libs/libpng16-*", "only freetype needs it: Pillow reads PNG itself"),
    (DROP, "pillow.libs/libbrotli*", "only freetype needs it"),
    (DROP, "PIL/_imagingtk.*", "windows"),
    (DROP, "PIL/_tkinter_finder.py", "windows"),
    (DROP, "PIL/ImageTk.py", "windows"),
    (DROP, "PIL/ImageQt.py", "windows"),
    (DROP, "PIL/ImageWin.py", "windows"),
    (DROP, "PIL/ImageShow.py", "windows"),
    (DROP, "PIL/ImageGrab.py", "the screen"),
    (DROP, "PIL/_imagingmath.*", "pixel formulas"),
    (DROP, "PIL/ImageMath.py", "pixel formulas"),
    (DROP, "PIL/_imagingmorph.*", "morphology"),
    (DROP, "PIL/ImageMorph.py", "morphology"),
    (DROP, "PIL/ImageOps.py", "ready-made operations"),
    (DROP, "PIL/ImageDraw*.py", "draws shapes"),
    (DROP, "PIL/ImagePath.py", "draws shapes"),
    (DROP, "PIL/ImageEnhance.py", "effects"),
    (DROP, "PIL/ImageFilter.py", "effects"),
    (DROP, "PIL/ImageStat.py", "statistics"),
    (DROP, "PIL/ImageTransform.py", "warps"),
    (DROP, "PIL/PSDraw.py", "PostScript"),
    (DROP, "PIL/PdfParser.py", "PDF"),
    (DROP, "PIL/GdImageFile.py", "formats that are not offered"),
    (DROP, "PIL/WalImageFile.py", "formats that are not offered"),
    (DROP, "PIL/ContainerIO.py", "formats that are not offered"),
    (DROP, "PIL/TarIO.py", "formats that are not offered"),
    (DROP, "PIL/__main__.py", "prints a report"),
    (DROP, "PIL/report.py", "prints a report"),
    (DROP, "PIL/features.py", "serves the report"),
)


def stays(path: str) -> bool:
    """Tell whether a file belongs into a zip, by its path there."""
    return next((verdict for verdict, pattern, _ in RULES if fnmatchcase(path, pattern)), KEEP)
