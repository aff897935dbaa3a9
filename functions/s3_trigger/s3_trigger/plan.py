"""Decisions about objects, without access to S3: keys, options, and whether a derivative is current."""

from image_core import OUTPUT_VERSION, Box, EncodedImage, Options
from image_url import SOURCE_ETAG

from s3_trigger.errors import MetadataError
from s3_trigger.settings import SIDE, Settings
from s3_trigger.store import ObjectInfo, Upload


def make_options(original: ObjectInfo, settings: Settings) -> Options:
    """Return the options to transform an original with.

    The original's metadata `width` and `height`, in pixels, take precedence over the settings.

    Raises:
        MetadataError: `width` or `height` breaks the rule `SIDE`.
    """
    box = Box(
        width=_parse_side("width", original, settings.box.width),
        height=_parse_side("height", original, settings.box.height),
        swap_for_portrait=False,
    )
    return Options(box=box, fit=settings.fit, quality=settings.quality, limits=settings.limits)


def is_derivative(info: ObjectInfo) -> bool:
    """Return whether an object has the metadata that marks derivatives."""
    return info.metadata.get("resized") == "true"


def is_current(derivative: ObjectInfo, original: ObjectInfo, options: Options) -> bool:
    """Return whether a transform of the original with these options would give the same derivative."""
    expected = _derivative_metadata(original, options)
    found = {name: derivative.metadata.get(name) for name in expected}
    return found == expected and derivative.headers == original.headers


def is_newer_manual_upload(info: ObjectInfo, original: ObjectInfo) -> bool:
    """Return whether an object under a derivative's key was uploaded by hand, and not before the original.

    S3 counts in seconds. Within one second the manual upload counts as newer, since only a derivative can be
    created again.
    """
    return not is_derivative(info) and info.last_modified >= original.last_modified


def is_stale(stored: ObjectInfo, original: ObjectInfo) -> bool:
    """Return whether an object under a derivative's key belongs to another upload than the current original.

    An upload of the same bytes with other metadata, such as another `width`, has the same ETag: the stored
    object is older then. Changed settings, or another output version, make no derivative stale.
    """
    return (
        stored.metadata.get(SOURCE_ETAG) != original.etag.strip('"')
        or stored.headers != original.headers
        or stored.last_modified < original.last_modified
    )


def make_upload(image: EncodedImage, original: ObjectInfo, options: Options) -> Upload:
    """Return the derivative with the inherited headers and the metadata that `is_current` compares."""
    return Upload(
        data=image.data,
        content_type=image.content_type,
        headers=original.headers,
        metadata=_derivative_metadata(original, options),
    )


def _parse_side(name: str, original: ObjectInfo, default: int) -> int:
    text = original.metadata.get(name)
    if text is None:
        return default
    if not SIDE.is_valid(text):
        raise MetadataError(f"its metadata {name} is {text!r}, not {SIDE.expected}")
    return int(text)


def _derivative_metadata(original: ObjectInfo, options: Options) -> dict[str, str]:
    box = options.box
    size = f"{box.width}x{box.height}" if box else ""
    return {
        "resized": "true",
        SOURCE_ETAG: original.etag.strip('"'),
        "settings": f"v{OUTPUT_VERSION} {size} {options.fit} q{options.quality}",
    }
