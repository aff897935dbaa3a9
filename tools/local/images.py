"""Images for the bucket of the local stack."""

import mimetypes
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from tools.console import ToolError, printable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_UPLOADS_AT_ONCE = 4
_MAX_LISTED = 5
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
    images = {key: path for key, path in _list_files(folder) if _has_image_name(path)}
    for key in images:
        if not _is_utf8(key):
            raise ToolError(f"The name {key!r} in {folder} is not UTF-8, as S3 requires: rename the file.")
    if not images:
        raise ToolError(f"There is no image in {folder}: add some, or name another with --images.")
    return images


def find_other_files(folder: Path) -> list[str]:
    """Return the paths, relative to the folder, of the files that `find_images` leaves out.

    Hidden files, which other programs leave in folders, are excluded.
    """
    return [key for key, path in _list_files(folder) if not _has_image_name(path)]


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


def format_left_out(names: Sequence[str], reason: str) -> str:
    """Return a sentence with the number of files that are left out, the first names and the reason."""
    listed = ", ".join(map(printable, names[:_MAX_LISTED]))
    more = f" and {len(names) - _MAX_LISTED:,} more" if len(names) > _MAX_LISTED else ""
    count = "1 file is" if len(names) == 1 else f"{len(names):,} files are"
    return f"{count} left out, since {reason}: {listed}{more}."


def _list_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield path relative to the folder, and file, except for hidden ones."""
    for path in sorted(folder.rglob("*")):
        key = path.relative_to(folder).as_posix()
        if path.is_file() and not f"/{key}".count("/."):
            yield key, path


def _is_utf8(name: str) -> bool:
    """Return False for a file name that is not UTF-8: Python represents such bytes by surrogates."""
    return not any("\udc80" <= letter <= "\udcff" for letter in name)


def _has_image_name(path: Path) -> bool:
    return _content_type(path).startswith("image/")


def _content_type(path: Path) -> str:
    return _TYPES.guess_type(path.name)[0] or "binary/octet-stream"
