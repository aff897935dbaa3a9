"""Create the representation of an original: the cleaned or transformed image, or facts about it as JSON."""

import hashlib
import json
from collections.abc import Callable
from typing import NamedTuple

import image_core
from image_core import OUTPUT_VERSION
from image_format import detect_format
from image_url import ImageOptions, derivative_name

from object_lambda.settings import Exif, Settings


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


def variant_tag(options: ImageOptions, settings: Settings) -> str:
    """Return 12 hexadecimal digits that differ for each representation of an original.

    The digits depend on everything beside the original that changes the bytes: options, settings, and the
    output version of `image_core`.
    """
    variant = derivative_name(options, OUTPUT_VERSION)
    if options.show_exif:
        variant += f" {settings.exif}"
    return hashlib.sha256(variant.encode()).hexdigest()[:12]


def create_representation(
    data: bytes,
    options: ImageOptions,
    settings: Settings,
    remaining_seconds: Callable[[], float] | None = None,
) -> Representation:
    """Return the requested representation of an original.

    Args:
        data: the original.
        options: options of the request, with the gravity for `Fit.COVER` if that is not the centre.
        settings: settings of the deployment.
        remaining_seconds: returns the seconds until the deadline; None for no deadline.

    Raises:
        image_core.ImageError: the original cannot be read, cleaned or transformed.
    """
    if options.show_exif:
        # Imported here, because few requests are for EXIF data, and the imports take 2 ms of a cold start.
        from image_metadata import read_exif  # noqa: PLC0415

        from object_lambda.exif import without_identity  # noqa: PLC0415

        exif = read_exif(data)
        disclosed = exif if settings.exif is Exif.ALL else without_identity(exif)
        text = json.dumps(disclosed, allow_nan=False)
        return Representation(data=text.encode(), content_type="application/json", same_format=False)
    derived = image_core.derive(data, options, settings.limits, remaining_seconds=remaining_seconds)
    original = detect_format(data)
    return Representation(
        data=derived.data,
        content_type=derived.content_type,
        same_format=original is not None and original.content_type == derived.content_type,
    )
