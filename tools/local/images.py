"""Images for the bucket of the local stack."""

import mimetypes
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tools.console import ToolError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UPLOADS_AT_ONCE = 4
FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "PNG", "WEBP")
"""Formats of originals, by their names in Pillow."""
# Pillow's readers raise SyntaxError and ValueError for damage in chunks and headers.
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)
"""Errors of Pillow for content that is not a supported image."""
# Only Python's own table, since the machine's may differ.
_TYPES = mimetypes.MimeTypes()
_TYPES.add_type("image/jpeg", ".mpo")  # a JPEG with a second one behind it


def find_images(folder: Path) -> dict[str, Path]:
    """Return the images in a folder: key => file. The key is the path relative to the folder.

    Files are selected by their names. Hidden files are excluded.

    Raises:
        ToolError: the folder does not exist, contains no image, or a name is not UTF-8.
    """
    if not folder.is_dir():
        raise ToolError(f"There is no folder {folder} with images: name another with --images.")
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and _has_image_name(path)]
    keys = {path.relative_to(folder).as_posix(): path for path in paths}
    for key in keys:
        if not _is_utf8(key):
            raise ToolError(f"The name {key!r} in {folder} is not UTF-8, as S3 requires: rename the file.")
    visible = {key: path for key, path in keys.items() if not f"/{key}".count("/.")}
    if not visible:
        raise ToolError(f"There is no image in {folder}: add some, or name another with --images.")
    return visible


def is_supported_image(path: Path) -> bool:
    """Detect by content whether the product can transform a file."""
    try:
        with Image.open(path, formats=FORMATS):
            return True
    except UNREADABLE:
        return False


def upload(client: "S3Client", bucket: str, images: dict[str, Path]) -> None:
    """Upload files into a bucket, with the content types of their names."""

    def put(item: tuple[str, Path]) -> None:
        key, path = item
        client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes(), ContentType=_content_type(path))

    with ThreadPoolExecutor(_UPLOADS_AT_ONCE) as executor:
        list(executor.map(put, images.items()))


def _is_utf8(name: str) -> bool:
    """Return False for a file name that is not UTF-8: Python represents such bytes by surrogates."""
    return not any("\udc80" <= letter <= "\udcff" for letter in name)


def _has_image_name(path: Path) -> bool:
    return _content_type(path).startswith("image/")


def _content_type(path: Path) -> str:
    return _TYPES.guess_type(path.name)[0] or "binary/octet-stream"
