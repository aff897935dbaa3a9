"""The derivative that a request needs, and the conditions for serving it: decisions without S3 or a clock."""

from http import HTTPStatus
from typing import NamedTuple, TypedDict

from edge_event import OriginRequest
from image_core import OUTPUT_VERSION, Box, EncodedImage, Format, Limits, Options
from image_format import DETECTION_BYTES, detect_format
from image_query import ImageQuery, parse_query
from s3_http import ObjectInfo, S3Object, Upload
from sigv4 import is_signable

from edge_resize.errors import PermanentError, not_found
from edge_resize.settings import Originals, Settings

# Replaces a missing Cache-Control. The value has no time, so that CloudFront applies the default TTL of the
# cache policy.
DEFAULT_CACHE_CONTROL = "public"

_EXTENSIONS = frozenset(extension for each in Format for extension in each.extensions)
_CONTENT_TYPES = frozenset(each.content_type for each in Format)
# UTF-8 bytes (S3 user guide, "Naming Amazon S3 objects").
_MAX_KEY_BYTES = 1024
# Folders of derivatives without a named size. They have a dot, which names of sizes cannot have.
_WHOLE_FOLDER, _CLEANED_FOLDER = "whole.size", "cleaned.size"
START_BYTES = DETECTION_BYTES
"""Number of bytes at the start of a file that `is_image` needs."""
_BMP_HEADER_END = 18


class Plan(NamedTuple):
    """A requested derivative: its key, its original, and the options to create it with.

    Attributes:
        original_key: key of the original.
        derivative_key: key of the derivative. No other derivative has the same.
        size_name: name of the requested size. None: the size of the original.
        options: options of the transform. None: only remove the metadata of the original.
        limits: limits of the original.
        variant_tag: the options as a short text, stored with the derivative. A derivative with another tag is
            outdated.
        keeps_format: whether the name of the derivative has the same format as the name of the original.
        needs_detection: whether the content of the original decides if there is a derivative, because the key
            does not have the extension of an image.
    """

    original_key: str
    derivative_key: str
    size_name: str | None
    options: Options | None
    limits: Limits
    variant_tag: str
    keeps_format: bool = True
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
        return _plan_cleaning(key, settings)._replace(needs_detection=True) if cleaned else None
    query = parse_query(request.querystring, settings.sizes)
    if query.size_name or query.to_webp:
        return _plan_transform(key, query, settings)
    return _plan_cleaning(key, settings) if cleaned else None


def _plan_transform(key: str, query: ImageQuery, settings: Settings) -> Plan:
    size = query.size_name
    box = Box(*settings.sizes[size]) if size else None
    # A derivative with a .webp name is always WebP, whatever the content of the original. Otherwise
    # `to_webp=1` and `to_webp=0` would give two images with one key.
    to_webp = query.to_webp or _extension(key) == "webp"
    dimensions = f"{box.width}x{box.height}" if box else "whole"
    return Plan(
        original_key=key,
        derivative_key=_derivative_key(
            settings, size or _WHOLE_FOLDER, _derivative_name(key, to_webp=query.to_webp)
        ),
        size_name=size,
        options=Options(
            box=box,
            output_format=Format.WEBP if to_webp else None,
            quality=settings.quality,
            limits=settings.limits,
        ),
        limits=settings.limits,
        variant_tag=f"v{OUTPUT_VERSION} {dimensions} q{settings.quality}",
        keeps_format=not to_webp or _extension(key) == "webp",
    )


def _plan_cleaning(key: str, settings: Settings) -> Plan:
    return Plan(
        original_key=key,
        derivative_key=_derivative_key(settings, _CLEANED_FOLDER, key),
        size_name=None,
        options=None,
        limits=settings.limits,
        variant_tag=f"v{OUTPUT_VERSION} cleaned",
    )


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
    """Return whether a new derivative of the original would have the same source, options and headers."""
    if derivative is None:
        return False
    # Other metadata of the derivative does not count: an operator may have added it.
    metadata = _derivative_metadata(original, plan)
    found = {name: derivative.metadata.get(name) for name in metadata}
    headers = _inherited_headers(original, plan)
    return found == metadata and {name: getattr(derivative, name) for name in headers} == headers


def make_upload(image: EncodedImage, original: ObjectInfo, plan: Plan) -> Upload:
    """Return a derivative with all headers and metadata for the PUT."""
    return Upload(
        data=image.data,
        content_type=image.content_type,
        metadata=_derivative_metadata(original, plan),
        **_inherited_headers(original, plan),
    )


def _is_original_key(key: str, settings: Settings) -> bool:
    below_resized_path = f"{key}/".startswith(f"{settings.resized_path}/")
    # Proxies may resolve dot segments, so that the path would name another key.
    has_dot_segment = not {".", ".."}.isdisjoint(key.split("/"))
    return not below_resized_path and not has_dot_segment


def _derivative_key(settings: Settings, folder: str, name: str) -> str:
    key = f"{settings.resized_path}/{folder}/{name}"
    if len(key.encode()) > _MAX_KEY_BYTES:
        message = "The name of the image is too long for an image made of it."
        raise PermanentError(HTTPStatus.BAD_REQUEST, "KeyTooLongError", message)
    return key


def _derivative_name(key: str, *, to_webp: bool) -> str:
    """Return the key of a derivative below the folder of its size.

    That is the key of the original, with `.webp` appended for a conversion. Since `cat.jpg` may become
    `cat.jpg.webp`, the originals `cat.jpg.webp` and `cat.jpg.webp.webp` get one more `.webp` each. So no two
    originals share a derivative.
    """
    if _extension(key) != "webp":
        return f"{key}.webp" if to_webp else key
    stem = key
    while stem.endswith(".webp"):
        stem = stem.removesuffix(".webp")
    return f"{key}.webp" if _extension(stem) in _EXTENSIONS - {"webp"} else key


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
    return {
        "cache_control": _drop_unsignable(original.cache_control) or DEFAULT_CACHE_CONTROL,
        "expires": _drop_unsignable(original.expires),
        # Content-Disposition may have a file name with the extension of the original's format.
        "content_disposition": _drop_unsignable(original.content_disposition) if plan.keeps_format else None,
        "content_language": _drop_unsignable(original.content_language),
    }


def _drop_unsignable(value: str | None) -> str | None:
    return value if value and is_signable(value) else None


def _derivative_metadata(original: ObjectInfo, plan: Plan) -> dict[str, str]:
    return {"source-etag": original.etag, "settings": plan.variant_tag}
