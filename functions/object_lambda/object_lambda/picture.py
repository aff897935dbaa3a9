"""From the bytes of an object to what is delivered: the cleaned or changed picture, or its EXIF data."""

import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

from image_core import OUTPUT_VERSION, Box, Format, Options, clean, transform
from image_format import detect_format
from image_metadata import read_exif
from image_query import ImageQuery

from object_lambda.exif import without_identity
from object_lambda.settings import ALL, Settings


class Product(NamedTuple):
    """What is delivered. `same_format`: it is still the kind of file that the object is."""

    data: bytes
    content_type: str
    same_format: bool


def edition_of(query: ImageQuery, settings: Settings) -> str:
    """A short name for what is made of an object, other than that of anything else that is made of it."""
    if query.show_exif:
        made = f"exif {settings.exif}"
    elif query.size_name or query.to_webp:
        box = settings.sizes[query.size_name] if query.size_name else None
        made = f"{box} webp={query.to_webp} q={settings.quality}"
    else:
        made = "clean"
    return hashlib.sha256(f"v{OUTPUT_VERSION} {made}".encode()).hexdigest()[:12]


def make(
    data: bytes,
    query: ImageQuery,
    settings: Settings,
    remaining_seconds: Callable[[], float] | None = None,
) -> Product:
    """Return the requested representation of an object: its EXIF data, a derivative, or the cleaned image.

    Args:
        data: the object.
        query: what is asked for.
        settings: of the deployment.
        remaining_seconds: tells how much time is left. None: any amount.

    Raises:
        image_core.ImageError
    """
    if query.show_exif:
        exif = read_exif(data)
        disclosed = exif if settings.exif == ALL else without_identity(exif)
        text = json.dumps(disclosed, allow_nan=False)
        return Product(data=text.encode(), content_type="application/json", same_format=False)
    if query.size_name or query.to_webp:
        image = transform(data, _options(query, settings), remaining_seconds)
    else:
        image = clean(data, settings.limits, remaining_seconds)
    same_format = image.format is detect_format(data)
    return Product(data=image.data, content_type=image.content_type, same_format=same_format)


def _options(query: ImageQuery, settings: Settings) -> Options:
    box = Box(*settings.sizes[query.size_name]) if query.size_name else None
    return Options(
        box=box,
        output_format=Format.WEBP if query.to_webp else None,
        quality=settings.quality,
        limits=settings.limits,
    )
