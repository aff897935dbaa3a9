"""Make the file that an image URL requests from its original, in the same way for all functions."""

from image_url import Gravity, ImageOptions, OutputFormat

from image_core.limits import Limits, RemainingSeconds
from image_core.options import DerivedFile, make_options
from image_core.pipeline import transform


def derive(
    data: bytes,
    requested: ImageOptions,
    limits: Limits,
    focal_point: Gravity | None = None,
    remaining_seconds: RemainingSeconds | None = None,
) -> DerivedFile:
    """Return the file that an image URL requests.

    Without any option, the file is the image without metadata. With `format=json`, it has facts about the
    original.

    Args:
        data: the original: a JPEG, PNG, GIF, BMP, WebP or AVIF file.
        requested: options of the URL, except `showExif`.
        limits: maximum cost of the original.
        focal_point: gravity if the URL has none, from the metadata of the original. None: the centre.
        remaining_seconds: returns the seconds until the caller's deadline. None: no deadline.

    Raises:
        ImageError: as in `transform`.
    """
    # Imported here, because most requests are for a transform, and the imports take 2.5 ms of a cold start.
    if requested.format is OutputFormat.JSON:
        from image_core.facts import read_facts  # noqa: PLC0415

        facts = read_facts(data, limits, remaining_seconds)
        return DerivedFile(facts.to_json().encode(), "application/json")
    if requested == ImageOptions():
        from image_core.original import clean  # noqa: PLC0415

        image = clean(data, limits, remaining_seconds)
    else:
        image = transform(data, make_options(requested, limits, focal_point), remaining_seconds)
    return DerivedFile(image.data, image.content_type)
