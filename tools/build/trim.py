"""Files that are left out of a zip, or emptied: tables with a reason for each line."""

import ast
from collections.abc import Container, Iterator, Mapping
from fnmatch import fnmatchcase

KEEP, DROP = True, False

# The first pattern that matches a path decides. A path that matches none is kept. `*` also matches slashes.
RULES: tuple[tuple[bool, str, str], ...] = (
    (DROP, ".lock", "lock file of uv"),
    (DROP, "bin/*", "commands, which no function runs"),
    (DROP, "*.dist-info/INSTALLER", "names the installer, so it depends on the builder"),
    (DROP, "*.dist-info/RECORD", "lists all files of the wheel, some of which are left out"),
    (DROP, "*.dist-info/REQUESTED", "marks direct dependencies for installers"),
    (DROP, "*.dist-info/sboms/*", "list of components, for auditors of the wheel"),
    (DROP, "*.pyi", "types are for checkers"),
    (DROP, "*/py.typed", "types are for checkers"),
    (DROP, "PIL/_typing.py", "types are for checkers"),
    (DROP, "PIL/MpoImagePlugin.py", "the first image of a multi-picture JPEG is read as a JPEG"),
    (DROP, "PIL/TiffImagePlugin.py", "would read EXIF, which image_format does"),
    (DROP, "PIL/AvifImagePlugin.py", "image_core calls libavif itself"),
    (DROP, "PIL/*Plugin.py", "formats whose plugin no source imports. Image.preinit skips a missing one"),
    (DROP, "PIL/_imagingft.*", "draws text"),
    (DROP, "PIL/*Font*.py", "draws text"),
    (DROP, "PIL/ImageText.py", "draws text"),
    (DROP, "pillow.libs/libfreetype-*", "draws text"),
    (DROP, "pillow.libs/libharfbuzz-*", "draws text"),
    (DROP, "pillow.libs/libpng16-*", "only freetype needs it: Pillow reads PNG itself"),
    (DROP, "pillow.libs/libbrotli*", "only freetype needs it"),
    (KEEP, "cykooz_resizer/__init__.py", "makes the folder a package; see EMPTIED"),
    (DROP, "cykooz_resizer/*.py", "wraps the extension, which image_core calls directly"),
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

# Modules that the zip holds without their content, with the reason.
EMPTIED = {"cykooz_resizer/__init__.py": "would import the wrapper, and with it dataclasses: 27 ms for 2"}


def find_pillow_modules(sources: Mapping[str, bytes]) -> frozenset[str]:
    """Return the paths in the zip of the modules of Pillow that sources import, also inside functions.

    Args:
        sources: path => content; only the content of `.py` files is read.

    Raises:
        SyntaxError: a source is not Python.
    """
    trees = (ast.parse(content, path) for path, content in sources.items() if path.endswith(".py"))
    names = (name for tree in trees for node in ast.walk(tree) for name in _imported(node))
    return frozenset(f"PIL/{name.split('.')[1]}.py" for name in names if name.startswith("PIL."))


def _imported(node: ast.AST) -> Iterator[str]:
    """Return the full names that an import statement imports: modules, or names in a module."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), names=names, level=0):
            yield from (f"{module}.{alias.name}" for alias in names)


def is_kept(path: str, imported: Container[str]) -> bool:
    """Return True if a file is kept.

    Args:
        path: path of the file in the zip.
        imported: modules that the sources in the zip import, which no rule drops: see `find_pillow_modules`.
    """
    return path in imported or next((kept for kept, pattern, _ in RULES if fnmatchcase(path, pattern)), KEEP)
