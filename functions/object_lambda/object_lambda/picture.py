"""From the bytes of an object to what is delivered: the cleaned or changed picture, or its EXIF data."""

import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

from image_core import Box, Format, TooManyPixels, Transform, stored_pixels, transform
from image_metadata import clean, read_exif
from image_query import ImageQuery

from object_lambda.settings import Settings

# Raise it when the same object comes out differently, so that no cache takes the old bytes for the new.
_OUTPUT_VERSION = 1

MAX_BYTES = 128 * 1024 * 1024
"""The largest object that is read, and cleaned. What is decoded has the smaller limits of image_core."""

# Cleaning decodes nothing, so a picture may have more pixels than one that is decoded. The largest sensors
# of cameras have 200 million; nobody can use more than this, but a bomb of a few kilobytes can have it.
_MOST_PIXELS = 300_000_000

_UPRIGHT = 1
# For a picture that has to be turned and is otherwise wanted as it is.
_TURNED_QUALITY = 92


class Product(NamedTuple):
    """What is delivered. `same_format`: it is still the kind of file that the object is."""

    data: bytes
    content_type: str
    same_format: bool


def edition_of(query: ImageQuery, settings: Settings) -> str:
    """A short name for what is made of an object, other than that of anything else that is made of it."""
    if query.show_exif:
        made = "exif"
    elif query.size_name or query.to_webp:
        box = settings.sizes[query.size_name] if query.size_name else None
        made = f"{box} webp={query.to_webp} q={settings.quality}"
    else:
        made = f"clean q={_TURNED_QUALITY}"
    return hashlib.sha256(f"v{_OUTPUT_VERSION} {made}".encode()).hexdigest()[:12]


def make(
    data: bytes,
    query: ImageQuery,
    settings: Settings,
    remaining_seconds: Callable[[], float] | None = None,
) -> Product:
    """Make what is asked for.

    Every file is taken apart first, and one that cannot be is refused: only then it is known that no
    metadata is left. What is decoded and encoded anew begins with a cleaned file, too, unless the
    note of the camera is needed to turn it.

    Args:
        data: the object.
        query: what is asked for.
        settings: of the deployment.
        remaining_seconds: tells how much time is left. None: any amount.

    Raises:
        image_core.ImageError, image_metadata.ImageMetadataError
    """
    if query.show_exif:
        exif = json.dumps(read_exif(data), allow_nan=False)
        return Product(data=exif.encode(), content_type="application/json", same_format=False)
    cleaned = clean(data)
    if (pixels := stored_pixels(cleaned.data)) > _MOST_PIXELS:
        raise TooManyPixels(f"The picture has {pixels:,} pixels, the limit is {_MOST_PIXELS:,}.")
    input_format = Format(cleaned.format)
    upright = cleaned.orientation == _UPRIGHT
    if upright and query.size_name is None and not query.to_webp:
        return Product(data=cleaned.data, content_type=input_format.content_type, same_format=True)
    wish = _wish(query, settings)
    picture = transform(cleaned.data if upright else data, wish, remaining_seconds)
    return Product(
        data=picture.data,
        content_type=picture.content_type,
        same_format=picture.format is input_format,
    )


def _wish(query: ImageQuery, settings: Settings) -> Transform:
    changed = query.size_name is not None or query.to_webp
    width, height = settings.sizes[query.size_name] if query.size_name else (0, 0)
    return Transform(
        box=Box(width=width, height=height) if query.size_name else None,
        output_format=Format.WEBP if query.to_webp else None,
        quality=settings.quality if changed else _TURNED_QUALITY,
        limits=settings.limits,
    )
