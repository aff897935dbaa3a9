"""The derivative that a request needs, and the detection of images: decisions without S3 or a clock."""

from http import HTTPStatus

from derivation import PermanentError, Plan, has_dot_segment, has_image_extension, not_found
from edge_event import OriginRequest
from image_core import OUTPUT_VERSION, Format
from image_format import detect_format
from image_url import MAX_PATH_BYTES, ImageOptions, derivative_name, parse_query
from s3_http import S3Object

from edge_resize.settings import Originals, Settings

_CONTENT_TYPES = frozenset(each.content_type for each in Format)
_BMP_HEADER_END = 18


def make_plan(request: OriginRequest, settings: Settings) -> Plan | None:
    """Return the derivative that a request needs, or None if the response is the object itself.

    If the key does not have the extension of an image, the derivative is the cleaned file. The content of
    the original decides whether it is an image, and has a derivative: see `is_image`.

    Raises:
        QueryError: an option has an invalid value.
        PermanentError: the path names no original, or the key of the derivative would be too long.
    """
    key = request.key
    # S3 refuses CloudFront's request for the root. With the permissions of the function, the response would
    # be a list of the bucket.
    if request.method not in ("GET", "HEAD") or key == "":
        return None
    cleaned = settings.originals is Originals.CLEANED
    if key is None or not _is_original_key(key, settings):
        if cleaned:
            raise not_found()
        return None
    if not has_image_extension(key):
        return _plan(key, ImageOptions(), settings) if cleaned else None
    # Only object_lambda returns EXIF data, and this distribution does not forward `showExif`.
    options = parse_query(request.querystring, settings.sizes, settings.quality)._replace(show_exif=False)
    return _plan(key, options, settings) if cleaned or options != ImageOptions() else None


def is_image_as_is(request: OriginRequest, settings: Settings) -> bool:
    """Return whether a request for which `make_plan` returns None is for an image, by its key."""
    key = request.key
    return (
        request.method in ("GET", "HEAD")
        and key is not None
        and _is_original_key(key, settings)
        and has_image_extension(key)
    )


def _plan(key: str, options: ImageOptions, settings: Settings) -> Plan:
    name = derivative_name(options, OUTPUT_VERSION)
    derivative_key = f"{settings.resized_path}/{key}/{name}"
    if len(derivative_key.encode()) > MAX_PATH_BYTES:
        message = "The name of the image is too long for an image made of it."
        raise PermanentError(HTTPStatus.BAD_REQUEST, "KeyTooLongError", message)
    return Plan(key, name, derivative_key, options, settings.limits, settings.cache_control)


def is_image(start: S3Object) -> bool:
    """Return whether a file is an image of a supported format.

    Args:
        start: the object with its first `image_format.DETECTION_BYTES` bytes, or all bytes of a shorter
            object.
    """
    # Browsers decompress a file with Content-Encoding, so an image inside would reach the viewer. Without
    # decompressing the file, only Content-Type shows the format.
    if start.info.content_encoding and start.info.content_type in _CONTENT_TYPES:
        return True
    found = detect_format(start.data)
    if found is Format.BMP:
        # A text may begin with BM too. Bytes 14 to 17 are the length of the header: a small number in a BMP,
        # and four letters in a text.
        header_bytes = int.from_bytes(start.data[14:_BMP_HEADER_END], "little")
        return len(start.data) >= _BMP_HEADER_END and header_bytes < 2**16
    return found is not None


def _is_original_key(key: str, settings: Settings) -> bool:
    below_resized_path = f"{key}/".startswith(f"{settings.resized_path}/")
    return not below_resized_path and not has_dot_segment(key)
