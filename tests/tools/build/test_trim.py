import pytest

from tools.build.trim import EMPTIED, RULES, find_pillow_modules, is_kept

SOURCES = {
    "plugins.py": b"import struct\n\nimport PIL.JpegImagePlugin  # registers it\nimport PIL.GifImagePlugin\n",
    "comment.py": b"# import PIL.TgaImagePlugin\nfrom PIL import Image, ImageStat\n",
    "names.py": b"from PIL.ImageFilter import BLUR\n",
    "lazy.py": b"def enhance():\n    from PIL import ImageEnhance\n",
    "lines.py": b"from PIL import (\n    ImagePath,\n    ImageMath,  # formulas\n)\n",
    "others.py": b"from .PIL import ImageWin\nimport os.path\n",
    "data.txt": b"no Python",
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("edge_resize/handler.py", True),
        ("edge_resize/tests.pem", True),
        ("pillow-13.0.0.dist-info/METADATA", True),
        ("pillow-13.0.0.dist-info/licenses/LICENSE", True),
        ("pillow-13.0.0.dist-info/RECORD", False),
        ("pillow-13.0.0.dist-info/sboms/pillow.cdx.json", False),
        ("PIL/Image.py", True),
        ("PIL/Image.pyi", False),
        ("PIL/JpegImagePlugin.py", True),
        ("PIL/GifImagePlugin.py", True),
        ("PIL/PngImagePlugin.py", False),
        ("PIL/TgaImagePlugin.py", False),
        ("PIL/ImageStat.py", True),
        ("PIL/ImageFilter.py", True),
        ("PIL/ImageEnhance.py", True),
        ("PIL/ImagePath.py", True),
        ("PIL/ImageMath.py", True),
        ("PIL/ImageWin.py", False),
        ("PIL/ImageOps.py", False),
        ("PIL/_imaging.cpython-313-x86_64-linux-gnu.so", True),
        ("PIL/_imagingft.cpython-313-x86_64-linux-gnu.so", False),
        ("pillow.libs/libtiff-20b7e810.so.6.3.0", True),
        ("pillow.libs/libavif-c6062d5f.so.16.4.2", True),
        ("cykooz_resizer/__init__.py", True),
        ("cykooz_resizer/structs.py", False),
        ("cykooz_resizer/rust_lib.cpython-313-x86_64-linux-gnu.so", True),
    ],
)
def test_a_rule_decides_by_path(path: str, expected: bool) -> None:  # noqa: FBT001  a column of the table
    assert is_kept(path, find_pillow_modules(SOURCES)) is expected


def test_each_rule_has_a_reason_and_is_unique() -> None:
    assert all(reason for _, _, reason in RULES)
    assert all(EMPTIED.values())
    assert all(is_kept(path, ()) for path in EMPTIED)
    assert len({pattern for _, pattern, _ in RULES}) == len(RULES)
