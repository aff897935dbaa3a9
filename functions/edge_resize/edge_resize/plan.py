"""What a request asks for and what may be served for it: decisions without S3, clock or environment."""

from http import HTTPStatus
from typing import NamedTuple, TypedDict

from edge_event import OriginRequest
from image_core import OUTPUT_VERSION, Box, EncodedImage, Format, Limits, Options
from image_format import detect_format
from image_query import ImageQuery, parse_query
from s3_http import ObjectInfo, S3Object, Upload

from edge_resize.errors import RefusalError
from edge_resize.refusals import not_found
from edge_resize.settings import Originals, Settings

# Where the original has none. It names no time: CloudFront takes the default TTL of its cache policy.
DEFAULT_CACHE_CONTROL = "public"

_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "gif", "bmp", "webp"})
_CONTENT_TYPES = frozenset(each.content_type for each in Format)
# S3 user guide, "Object key names": in UTF-8.
_LONGEST_KEY_BYTES = 1024
# Folders of derivatives that have no named size. The name of a size has no dot.
_WHOLE_FOLDER, _CLEANED_FOLDER = "whole.size", "cleaned.size"
START_BYTES = 18
"""How many bytes of a file `is_image` needs."""


class Plan(NamedTuple):
    """A requested derivative: where it is or will be, and how it is made from which original.

    Attributes:
        original_key: key of the original.
        derivative_key: key of the derivative, which no other derivative has.
        size_name: the requested size; None: that of the original.
        wish: the options to make it with. None: the original without metadata, and nothing else changed.
        limits: what the original may cost.
        made_with: the options in a few characters: another value makes the derivative anew.
        keeps_format: the name of the derivative promises the format that the name of its original promises.
        if_image: its name does not say that the original is an image; its first bytes do.
    """

    original_key: str
    derivative_key: str
    size_name: str | None
    wish: Options | None
    limits: Limits
    made_with: str
    keeps_format: bool = True
    if_image: bool = False


def make_plan(request: OriginRequest, settings: Settings) -> Plan | None:
    """Return the derivative that a request asks for; None where the object itself is the response.

    Raises:
        QueryError: an option has an invalid value.
        RefusalError: the path names no original, or one whose derivatives have no name.
    """
    key = request.key
    if request.method not in ("GET", "HEAD") or key == "":
        return None
    cleaned = settings.originals is Originals.CLEANED
    if key is None or not _may_be_original(key, settings):
        if cleaned:
            raise not_found()
        return None
    if _extension(key) not in _EXTENSIONS:
        return _cleaned(key, settings)._replace(if_image=True) if cleaned else None
    query = parse_query(request.querystring, settings.sizes)
    if query.size_name or query.to_webp:
        return _transformed(key, query, settings)
    return _cleaned(key, settings) if cleaned else None


def _transformed(key: str, query: ImageQuery, settings: Settings) -> Plan:
    size = query.size_name
    box = Box(*settings.sizes[size]) if size else None
    # A derivative under a .webp name is WebP, whatever its original really is: one name is one picture.
    to_webp = query.to_webp or _extension(key) == "webp"
    dimensions = f"{box.width}x{box.height}" if box else "whole"
    return Plan(
        original_key=key,
        derivative_key=_derivative_key(
            settings, size or _WHOLE_FOLDER, _derivative_name(key, to_webp=query.to_webp)
        ),
        size_name=size,
        wish=Options(
            box=box,
            output_format=Format.WEBP if to_webp else None,
            quality=settings.quality,
            limits=settings.limits,
        ),
        limits=settings.limits,
        made_with=f"v{OUTPUT_VERSION} {dimensions} q{settings.quality}",
        keeps_format=not to_webp or _extension(key) == "webp",
    )


def _cleaned(key: str, settings: Settings) -> Plan:
    return Plan(
        original_key=key,
        derivative_key=_derivative_key(settings, _CLEANED_FOLDER, key),
        size_name=None,
        wish=None,
        limits=settings.limits,
        made_with=f"v{OUTPUT_VERSION} cleaned",
    )


def is_image(start: S3Object) -> bool:
    """Return whether a file is an image of a supported format, by its first `START_BYTES`.

    Texts may begin with `BM` as a BMP does. The length of the header that follows is a small number in a BMP,
    and four letters in a text. In a file that is stored compressed, which browsers unpack, only its
    `Content-Type` can be read.
    """
    if start.info.content_encoding and start.info.content_type in _CONTENT_TYPES:
        return True
    found = detect_format(start.data)
    if found is Format.BMP:
        header_bytes = int.from_bytes(start.data[14:START_BYTES], "little")
        return len(start.data) == START_BYTES and header_bytes < 2**16
    return found is not None


def is_current(derivative: ObjectInfo | None, original: ObjectInfo, plan: Plan) -> bool:
    """Return whether a derivative is the one that would be made now of this original."""
    if derivative is None:
        return False
    metadata = _metadata(original, plan)
    found = {name: derivative.metadata.get(name) for name in metadata}
    headers = _headers(original, plan)
    return found == metadata and {name: getattr(derivative, name) for name in headers} == headers


def upload_of(image: EncodedImage, original: ObjectInfo, plan: Plan) -> Upload:
    """Return the finished derivative as it is stored."""
    return Upload(
        data=image.data,
        content_type=image.content_type,
        metadata=_metadata(original, plan),
        **_headers(original, plan),
    )


def _may_be_original(key: str, settings: Settings) -> bool:
    below_resized_path = f"{key}/".startswith(f"{settings.resized_path}/")
    # Dot segments mean another key to whoever resolves them on the way.
    has_dot_segment = not {".", ".."}.isdisjoint(key.split("/"))
    return not below_resized_path and not has_dot_segment


def _derivative_key(settings: Settings, folder: str, name: str) -> str:
    key = f"{settings.resized_path}/{folder}/{name}"
    if len(key.encode()) > _LONGEST_KEY_BYTES:
        sentence = "The name of the image is too long for an image made of it."
        raise RefusalError(HTTPStatus.BAD_REQUEST, "KeyTooLongError", sentence)
    return key


def _derivative_name(key: str, *, to_webp: bool) -> str:
    """The derivative's key below its size: that of the original, and `.webp` for a changed format.

    No two originals share a name. `cat.jpg` may become `cat.jpg.webp`, so an original that is called
    `cat.jpg.webp` gets one more `.webp`, and one that is called `cat.jpg.webp.webp` too.
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


def _headers(original: ObjectInfo, plan: Plan) -> _Headers:
    """Return the headers that a derivative takes over from its original."""
    return {
        "cache_control": _sendable(original.cache_control) or DEFAULT_CACHE_CONTROL,
        "expires": _sendable(original.expires),
        # It may name the file, with an extension.
        "content_disposition": _sendable(original.content_disposition) if plan.keeps_format else None,
        "content_language": _sendable(original.content_language),
    }


def _sendable(value: str | None) -> str | None:
    """Return the value of a header that can be sent and signed; None for others and for none."""
    return value if value and value.isascii() and value.isprintable() else None


def _metadata(original: ObjectInfo, plan: Plan) -> dict[str, str]:
    return {"source-etag": original.etag, "settings": plan.made_with}
