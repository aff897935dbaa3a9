"""The derivative of an original, its headers and its metadata: decisions without S3 or a clock."""

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from image_core import Format, Limits
from image_url import SOURCE_ETAG, Gravity, ImageOptions, parse_gravity
from s3_http import ObjectInfo, Upload
from sigv4 import drop_unsignable

if TYPE_CHECKING:
    from image_core import DerivedFile

# Cache-Control beside `Expires`. A `max-age` would override the time in that header.
_WITHOUT_LIFETIME = "public"
_EXTENSIONS = frozenset(extension for each in Format for extension in each.extensions)


class Plan(NamedTuple):
    """A requested derivative: its key, its original, and the options to create it with.

    Attributes:
        original_key: key of the original.
        name: name of the derivative, which spells out the options and the output version.
        derivative_key: key of the derivative, which no other derivative has.
        options: options of the derivative. Without any, only the metadata of the original is removed.
        limits: limits of the original.
        cache_control: Cache-Control of the derivative if the original has neither Cache-Control nor Expires.
    """

    original_key: str
    name: str
    derivative_key: str
    options: ImageOptions
    limits: Limits
    cache_control: str


def has_image_extension(key: str) -> bool:
    """Return whether a key has the extension of a supported format."""
    return _extension(key) in _EXTENSIONS


def has_dot_segment(key: str) -> bool:
    """Return whether proxies may resolve a segment `.` or `..`, so that the path would name another key."""
    return not {".", ".."}.isdisjoint(key.split("/"))


def is_current(derivative: ObjectInfo | None, original: ObjectInfo, plan: Plan) -> bool:
    """Return whether a derivative was made from this original, and has the headers that a new one would get.

    The options are not compared, because the key of the derivative spells them out.
    """
    if derivative is None:
        return False
    # Other metadata of the derivative does not count: an operator may have added it.
    metadata = _derivative_metadata(original, plan)
    found = {name: derivative.metadata.get(name) for name in metadata}
    headers = _inherited_headers(original, plan)
    return found == metadata and {name: getattr(derivative, name) for name in headers} == headers


def make_upload(image: "DerivedFile", original: ObjectInfo, plan: Plan) -> Upload:
    """Return a derivative with all headers and metadata for the PUT."""
    metadata = _derivative_metadata(original, plan)
    return Upload(
        data=image.data,
        content_type=image.content_type,
        metadata={name: value for name, value in metadata.items() if value is not None},
        **_inherited_headers(original, plan),
    )


def read_focal_point(original: ObjectInfo, plan: Plan) -> Gravity | None:
    """Return the point in the original's user metadata `focal-point`; None if the derivative does not use it.

    A text that is not a point counts as missing: the image is cropped around its centre.
    """
    if not plan.options.needs_focal_point:
        return None
    return parse_gravity(original.metadata.get("focal-point", ""))


def _extension(key: str) -> str:
    _, dot, extension = key.rpartition(".")
    return extension.lower() if dot else ""


class _Headers(TypedDict):
    cache_control: str
    expires: str | None
    content_disposition: str | None
    content_language: str | None


def _inherited_headers(original: ObjectInfo, plan: Plan) -> _Headers:
    """Return the headers of a derivative that come from its original, and the default of Cache-Control."""
    expires = drop_unsignable(original.expires)
    default = _WITHOUT_LIFETIME if expires else plan.cache_control
    # A value that cannot be signed is lost, and may forbid caching.
    unknown = "no-store" if original.cache_control else default
    return {
        "cache_control": drop_unsignable(original.cache_control) or unknown,
        "expires": expires,
        # Content-Disposition may contain a file name with the extension of the original's format.
        "content_disposition": drop_unsignable(original.content_disposition) if _keeps_format(plan) else None,
        "content_language": drop_unsignable(original.content_language),
    }


def _keeps_format(plan: Plan) -> bool:
    """Return whether the name of the original has an extension of the derivative's format."""
    requested, extension = plan.options.format, _extension(plan.original_key)
    same = (each for each in Format if extension in each.extensions)
    return requested is None or any(each.lower() == requested for each in same)


def _derivative_metadata(original: ObjectInfo, plan: Plan) -> dict[str, str | None]:
    # A new value of `focal-point` does not change the ETag of the original.
    focal_point = read_focal_point(original, plan)
    return {
        SOURCE_ETAG: original.etag,
        "source-focal-point": f"{focal_point.x_percent}x{focal_point.y_percent}" if focal_point else None,
    }
