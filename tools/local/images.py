"""Sample images for the bucket."""

import mimetypes
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UPLOADS_AT_ONCE = 4
_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "WEBP")
# The table of Python alone: the machine's own may say something else.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("image/jpeg", ".mpo")  # a JPEG with a second one behind it


def find_images(folder: Path) -> dict[str, Path]:
    """Key => file for the pictures in a folder: the key is the path below the folder.

    Hidden files are left out, and what is no picture by its name.

    Raises:
        ToolError: there is no such folder, or nothing in it.
    """
    if not folder.is_dir():
        raise ToolError(f"There is no folder {folder} with images: name another with --images.")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _has_image_name(path)]
    keys = {path.relative_to(folder).as_posix(): path for path in paths}
    for key in keys:
        if not _is_text(key):
            raise ToolError(f"The name {key!r} in {folder} is not UTF-8, as S3 wants it: rename the file.")
    shown = {key: path for key, path in keys.items() if not f"/{key}".count("/.")}
    if not shown:
        raise ToolError(f"There is no image in {folder}: add some, or name another with --images.")
    return shown


def is_supported_image(path: Path) -> bool:
    """Tell by its content whether a file is an image that the product can transform."""
    try:
        with Image.open(path, formats=_FORMATS):
            return True
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return False  # Pillow's readers raise the two in the middle for damage in chunks and headers


def upload(client: "S3Client", bucket: str, images: dict[str, Path]) -> None:
    """Put files into a bucket, each with the content type that its name stands for."""

    def put(item: tuple[str, Path]) -> None:
        key, path = item
        client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ContentType=_content_type(path))

    with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as executor:
        list(executor.map(put, images.items()))


def _is_text(name: str) -> bool:
    """Whether the bytes of a file's name were UTF-8; Python stands surrogates in for those that were not."""
    return not any("\udc80" <= letter <= "\udcff" for letter in name)


def _has_image_name(path: Path) -> bool:
    return _content_type(path).startswith("image/")


def _content_type(path: Path) -> str:
    return _TYPES.guess_type(path.name)[0] or "binary/octet-stream"
