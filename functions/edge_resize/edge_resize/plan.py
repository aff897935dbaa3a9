"""What a request asks for and what may be served for it: decisions without S3, clock or environment."""

from typing import NamedTuple, TypedDict

from edge_event import OriginRequest
from image_core import Box, Format, ImageError, Picture, Transform
from image_query import QueryError, parse_query
from lambda_runtime import ChildDiedError
from s3_http import ObjectInfo, ObjectMissingError, ObjectTooLargeError, Upload

from edge_resize.settings import Settings

# Raise it when derivatives come out differently, so that those made before are made anew.
OUTPUT_VERSION = 1

# Where the original has none. It names no time: CloudFront takes the default TTL of its cache policy.
DEFAULT_CACHE_CONTROL = "public"

_EXTENSIONS = frozenset({"jpg", "jpeg", "png", "gif", "bmp", "webp"})
# S3 user guide, "Object key names": in UTF-8.
_LONGEST_KEY_BYTES = 1024


class Plan(NamedTuple):
    """A derivative that is wished for: where it is or will be, and how it is made from which original.

    `keeps_format`: its name promises the format that the name of its original promises.
    """

    original_key: str
    derivative_key: str
    size_name: str
    wish: Transform
    made_with: str
    keeps_format: bool


def make_plan(request: OriginRequest, settings: Settings) -> Plan | None:
    """The derivative that a request asks for; None where it has to pass through as it is."""
    key = request.key
    if request.method not in ("GET", "HEAD") or key is None or not _may_be_original(key, settings):
        return None
    try:
        query = parse_query(request.querystring, settings.sizes)
    except QueryError:
        return None
    if query.size_name is None:
        return None
    derivative_key = (
        f"{settings.resized_path}/{query.size_name}/{_derivative_name(key, to_webp=query.to_webp)}"
    )
    if len(derivative_key.encode()) > _LONGEST_KEY_BYTES:
        return None
    width, height = settings.sizes[query.size_name]
    # A derivative under a .webp name is WebP, whatever its original really is: one name is one picture.
    to_webp = query.to_webp or _extension(key) == "webp"
    return Plan(
        original_key=key,
        derivative_key=derivative_key,
        size_name=query.size_name,
        wish=Transform(
            box=Box(width=width, height=height),
            output_format=Format.WEBP if to_webp else None,
            quality=settings.quality,
            limits=settings.limits,
        ),
        made_with=f"v{OUTPUT_VERSION} {width}x{height} q{settings.quality}",
        keeps_format=not to_webp or _extension(key) == "webp",
    )


def is_current(derivative: ObjectInfo | None, original: ObjectInfo, plan: Plan) -> bool:
    """Return whether a derivative is the one that would be made now of this original."""
    if derivative is None:
        return False
    metadata = _metadata(original, plan)
    found = {name: derivative.metadata.get(name) for name in metadata}
    headers = _headers(original, plan)
    return found == metadata and {name: getattr(derivative, name) for name in headers} == headers


def upload_of(image: Picture, original: ObjectInfo, plan: Plan) -> Upload:
    """Return the finished derivative as it is stored."""
    return Upload(
        data=image.data,
        content_type=image.content_type,
        metadata=_metadata(original, plan),
        **_headers(original, plan),
    )


def is_settled(error: Exception) -> bool:
    """Whether an error would be the same tomorrow: the original may take the derivative's place in caches.

    A 403 is not settled: the function may list the bucket, so S3 tells it of a missing object with a 404. A
    permission is missing, and CloudFront, which may have it, would cache the full-size original.
    """
    if isinstance(error, ObjectMissingError):
        return error.status == 404  # noqa: PLR2004 - not found
    if isinstance(error, ImageError):
        return not error.passing
    return isinstance(error, ObjectTooLargeError | ChildDiedError)


def _may_be_original(key: str, settings: Settings) -> bool:
    below_resized_path = f"{key}/".startswith(f"{settings.resized_path}/")
    # Dot segments mean another key to whoever resolves them on the way.
    has_dot_segment = not {".", ".."}.isdisjoint(key.split("/"))
    return _extension(key) in _EXTENSIONS and not below_resized_path and not has_dot_segment


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
