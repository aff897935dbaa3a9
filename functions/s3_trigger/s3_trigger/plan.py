"""Decisions about objects, without access to S3: keys, options, and whether a derivative is current."""

from derivatives import TRIGGERED, is_triggered
from image_core import OUTPUT_VERSION, Box, EncodedImage, Options
from image_url import SOURCE_ETAG

from s3_trigger.errors import MetadataError
from s3_trigger.settings import SIDE, Settings
from s3_trigger.store import Headers, ObjectInfo, Upload

# End of the metadata `settings` of a derivative whose Cache-Control is that of the settings.
_DEFAULT = " default-cache-control"


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


def is_current(derivative: ObjectInfo, original: ObjectInfo, settings: Settings) -> bool:
    """Return whether a transform of the original with these settings would give the same derivative.

    Raises:
        MetadataError: see `make_options`.
    """
    expected = _derivative_metadata(original, settings)
    found = {name: derivative.metadata.get(name) for name in expected}
    return found == expected and derivative.headers == _derivative_headers(original, settings)


def is_newer_manual_upload(info: ObjectInfo, original: ObjectInfo) -> bool:
    """Return whether an object under a derivative's key was uploaded by hand, and not before the original.

    S3 states times in seconds. Within one second the manual upload counts as newer, because only a derivative
    can be created again.
    """
    return not is_triggered(info.metadata) and info.last_modified >= original.last_modified


def is_stale(stored: ObjectInfo, original: ObjectInfo) -> bool:
    """Return whether an object under a derivative's key belongs to another upload than the current original.

    An upload of the same bytes with other metadata, such as another `width`, has the same ETag, but then the
    stored object is older. Changed settings, or another output version, make no derivative stale, so the
    default of Cache-Control is not compared.
    """
    return (
        stored.metadata.get(SOURCE_ETAG) != original.etag.strip('"')
        or _inherited_headers(stored) != original.headers
        or stored.last_modified < original.last_modified
    )


def make_upload(image: EncodedImage, original: ObjectInfo, settings: Settings) -> Upload:
    """Return the derivative with its headers and the metadata that `is_current` compares.

    Raises:
        MetadataError: see `make_options`.
    """
    return Upload(
        data=image.data,
        content_type=image.content_type,
        headers=_derivative_headers(original, settings),
        metadata=_derivative_metadata(original, settings),
    )


def _parse_side(name: str, original: ObjectInfo, default: int) -> int:
    text = original.metadata.get(name)
    if text is None:
        return default
    if not SIDE.is_valid(text):
        raise MetadataError(f"its metadata {name} is {text!r}, not {SIDE.expected}")
    return int(text)


def _derivative_headers(original: ObjectInfo, settings: Settings) -> Headers:
    if _has_default(original, settings):
        return original.headers._replace(cache_control=settings.cache_control)
    return original.headers


def _inherited_headers(stored: ObjectInfo) -> Headers:
    """Return the headers of a stored object without a default of Cache-Control."""
    if stored.metadata.get("settings", "").endswith(_DEFAULT):
        return stored.headers._replace(cache_control=None)
    return stored.headers


def _has_default(original: ObjectInfo, settings: Settings) -> bool:
    headers = original.headers
    return bool(settings.cache_control) and headers.cache_control is None and headers.expires is None


def _derivative_metadata(original: ObjectInfo, settings: Settings) -> dict[str, str]:
    options = make_options(original, settings)
    box = options.box
    size = f"{box.width}x{box.height}" if box else ""
    default = _DEFAULT if _has_default(original, settings) else ""
    return {
        **TRIGGERED,
        SOURCE_ETAG: original.etag.strip('"'),
        "settings": f"v{OUTPUT_VERSION} {size} {options.fit} q{options.quality}{default}",
    }
