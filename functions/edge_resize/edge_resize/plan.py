"""The derivative that a request needs, and the conditions for serving it: decisions without S3 or a clock."""

from http import HTTPStatus
from typing import NamedTuple, TypedDict

from edge_event import OriginRequest
from image_core import OUTPUT_VERSION, DerivedFile, Format, Limits
from image_format import DETECTION_BYTES, detect_format
from image_url import Fit, Gravity, ImageOptions, derivative_name, parse_gravity, parse_query
from s3_http import ObjectInfo, S3Object, Upload
from sigv4 import is_signable

from edge_resize.errors import PermanentError, not_found
from edge_resize.settings import Originals, Settings

# Leaves the lifetime to `Expires`, which a time here would override.
_WITHOUT_LIFETIME = "public"
_EXTENSIONS = frozenset(extension for each in Format for extension in each.extensions)
_CONTENT_TYPES = frozenset(each.content_type for each in Format)
# UTF-8 bytes (S3 user guide, "Naming Amazon S3 objects").
_MAX_KEY_BYTES = 1024
START_BYTES = DETECTION_BYTES
"""Number of bytes at the start of a file that `is_image` needs."""
_BMP_HEADER_END = 18


class Plan(NamedTuple):
    """A requested derivative: its key, its original, and the options to create it with.

    Attributes:
        original_key: key of the original.
        name: name of the derivative, which spells out the options and the output version.
        derivative_key: key of the derivative. No other derivative has the same.
        options: options of the derivative. Without any, only the metadata of the original is removed.
        limits: limits of the original.
        cache_control: Cache-Control of the derivative if the original has neither Cache-Control nor Expires.
        needs_detection: whether the content of the original decides if there is a derivative, because the key
            does not have the extension of an image.
    """

    original_key: str
    name: str
    derivative_key: str
    options: ImageOptions
    limits: Limits
    cache_control: str
    needs_detection: bool = False


def make_plan(request: OriginRequest, settings: Settings) -> Plan | None:
    """Return the derivative that a request needs, or None if the response is the object itself.

    Raises:
        QueryError: an option has an invalid value.
        PermanentError: the path names no original, or the key of the derivative would be too long.
    """
    key = request.key
    # S3 refuses the root; the function's own permissions would turn it into a list of the bucket.
    if request.method not in ("GET", "HEAD") or key == "":
        return None
    cleaned = settings.originals is Originals.CLEANED
    if key is None or not _is_original_key(key, settings):
        if cleaned:
            raise not_found()
        return None
    if _extension(key) not in _EXTENSIONS:
        return _plan(key, ImageOptions(), settings)._replace(needs_detection=True) if cleaned else None
    # EXIF data are a matter of object_lambda: the distribution does not forward `showExif`.
    options = parse_query(request.querystring, settings.sizes, settings.quality)._replace(show_exif=False)
    return _plan(key, options, settings) if cleaned or options != ImageOptions() else None


def _plan(key: str, options: ImageOptions, settings: Settings) -> Plan:
    name = derivative_name(options, OUTPUT_VERSION)
    derivative_key = f"{settings.resized_path}/{key}/{name}"
    if len(derivative_key.encode()) > _MAX_KEY_BYTES:
        message = "The name of the image is too long for an image made of it."
        raise PermanentError(HTTPStatus.BAD_REQUEST, "KeyTooLongError", message)
    return Plan(key, name, derivative_key, options, settings.limits, settings.cache_control)


def is_image(start: S3Object) -> bool:
    """Return whether a file is an image of a supported format.

    Args:
        start: the object with its first START_BYTES bytes, or with all bytes of a shorter one.
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


def is_current(derivative: ObjectInfo | None, original: ObjectInfo, plan: Plan) -> bool:
    """Return whether a new derivative of the original would have the same source and headers.

    The options are the same, because the key spells them out.
    """
    if derivative is None:
        return False
    # Other metadata of the derivative does not count: an operator may have added it.
    metadata = _derivative_metadata(original, plan)
    found = {name: derivative.metadata.get(name) for name in metadata}
    headers = _inherited_headers(original, plan)
    return found == metadata and {name: getattr(derivative, name) for name in headers} == headers


def make_upload(image: DerivedFile, original: ObjectInfo, plan: Plan) -> Upload:
    """Return a derivative with all headers and metadata for the PUT."""
    metadata = _derivative_metadata(original, plan)
    return Upload(
        data=image.data,
        content_type=image.content_type,
        metadata={name: value for name, value in metadata.items() if value is not None},
        **_inherited_headers(original, plan),
    )


def read_focal_point(original: ObjectInfo, plan: Plan) -> Gravity | None:
    """Return the point in the original's user metadata `focal-point` if the derivative depends on that.

    A text that is no point counts as missing: the image is cropped around its centre.
    """
    depends = plan.options.fit is Fit.COVER and plan.options.gravity is None
    return parse_gravity(original.metadata.get("focal-point", "")) if depends else None


def _is_original_key(key: str, settings: Settings) -> bool:
    below_resized_path = f"{key}/".startswith(f"{settings.resized_path}/")
    # Proxies may resolve dot segments, so that the path would name another key.
    has_dot_segment = not {".", ".."}.isdisjoint(key.split("/"))
    return not below_resized_path and not has_dot_segment


def _extension(key: str) -> str:
    _, dot, extension = key.rpartition(".")
    return extension.lower() if dot else ""


class _Headers(TypedDict):
    cache_control: str
    expires: str | None
    content_disposition: str | None
    content_language: str | None


def _inherited_headers(original: ObjectInfo, plan: Plan) -> _Headers:
    """Return the headers that a derivative takes over from its original."""
    expires = _drop_unsignable(original.expires)
    default = _WITHOUT_LIFETIME if expires else plan.cache_control
    # A value that cannot be signed may forbid caching.
    unknown = "no-store" if original.cache_control else default
    return {
        "cache_control": _drop_unsignable(original.cache_control) or unknown,
        "expires": expires,
        # Content-Disposition may have a file name with the extension of the original's format.
        "content_disposition": _drop_unsignable(original.content_disposition)
        if _keeps_format(plan)
        else None,
        "content_language": _drop_unsignable(original.content_language),
    }


def _drop_unsignable(value: str | None) -> str | None:
    return value if value and is_signable(value) else None


def _keeps_format(plan: Plan) -> bool:
    """Return whether the name of the original has the format of the derivative."""
    requested, extension = plan.options.format, _extension(plan.original_key)
    same = (each for each in Format if extension in each.extensions)
    return requested is None or any(each.lower() == requested for each in same)


def _derivative_metadata(original: ObjectInfo, plan: Plan) -> dict[str, str | None]:
    # A new value of `focal-point` does not change the ETag of the original.
    focal_point = read_focal_point(original, plan)
    return {
        "source-etag": original.etag,
        "source-focal-point": f"{focal_point.x_percent}x{focal_point.y_percent}" if focal_point else None,
    }
