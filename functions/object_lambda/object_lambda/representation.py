"""Create the representation of an original: the cleaned or transformed image, or the EXIF data as JSON."""

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


class Representation(NamedTuple):
    """Bytes and type of a response (RFC 9110, section 3.2).

    Attributes:
        data: the whole body, before a range is selected.
        content_type: media type.
        same_format: whether the data has the format of the original.
    """

    data: bytes
    content_type: str
    same_format: bool


def variant_tag(query: ImageQuery, settings: Settings) -> str:
    """Return 12 hexadecimal digits that differ for each representation of an original.

    The digits depend on everything but the original that changes the bytes: options, settings, and the output
    version of `image_core`.
    """
    if query.show_exif:
        variant = f"exif {settings.exif}"
    elif query.size_name or query.to_webp:
        box = settings.sizes[query.size_name] if query.size_name else None
        variant = f"{box} webp={query.to_webp} q={settings.quality}"
    else:
        variant = "clean"
    return hashlib.sha256(f"v{OUTPUT_VERSION} {variant}".encode()).hexdigest()[:12]


def create_representation(
    data: bytes,
    query: ImageQuery,
    settings: Settings,
    remaining_seconds: Callable[[], float] | None = None,
) -> Representation:
    """Return the requested representation of an original.

    Args:
        data: the original.
        query: parsed query string.
        settings: settings of the deployment.
        remaining_seconds: returns the seconds until the deadline; None for no deadline.

    Raises:
        image_core.ImageError: the original cannot be read, cleaned or transformed.
    """
    if query.show_exif:
        exif = read_exif(data)
        disclosed = exif if settings.exif == ALL else without_identity(exif)
        text = json.dumps(disclosed, allow_nan=False)
        return Representation(data=text.encode(), content_type="application/json", same_format=False)
    if query.size_name or query.to_webp:
        image = transform(data, _make_options(query, settings), remaining_seconds)
    else:
        image = clean(data, settings.limits, remaining_seconds)
    same_format = image.format is detect_format(data)
    return Representation(data=image.data, content_type=image.content_type, same_format=same_format)


def _make_options(query: ImageQuery, settings: Settings) -> Options:
    box = Box(*settings.sizes[query.size_name]) if query.size_name else None
    return Options(
        box=box,
        output_format=Format.WEBP if query.to_webp else None,
        quality=settings.quality,
        limits=settings.limits,
    )
