"""Decisions without S3: which key, which size, is it current, whose is it."""

from image_core import OUTPUT_VERSION, Box, EncodedImage, Options

from s3_trigger.errors import MetadataError
from s3_trigger.settings import MAX_SIDE, Settings, number_up_to
from s3_trigger.store import Stored, Upload


def derivative_key(key: str, settings: Settings) -> str | None:
    """Where the derivative of an original goes: the key below the prefix, with its folders.

    None where the key is that of no original, such as the placeholder of a folder that the console makes.
    """
    below = key.startswith(settings.source_prefix) and not key.startswith(settings.restore_prefix)
    return key.removeprefix(settings.source_prefix) if below and not key.endswith("/") else None


def wish_of(original: Stored, settings: Settings) -> Options:
    """What is to be made of an original, by its own metadata `width` and `height` or by the settings.

    Raises:
        MetadataError: one of them is no number of pixels.
    """
    box = Box(
        width=_side("width", original, settings.box.width),
        height=_side("height", original, settings.box.height),
        swap_for_portrait=False,
    )
    return Options(box=box, fit=settings.fit, quality=settings.quality, limits=settings.limits)


def is_made_by_us(found: Stored) -> bool:
    """Whether an object carries the mark of a derivative."""
    return found.metadata.get("resized") == "true"


def is_current(derivative: Stored, original: Stored, wish: Options) -> bool:
    """Return whether a derivative is the one that would be made now of this original."""
    expected = _metadata(original, wish)
    found = {name: derivative.metadata.get(name) for name in expected}
    return found == expected and derivative.headers == original.headers


def is_kept(found: Stored, original: Stored) -> bool:
    """Whether somebody put an object in the derivative's place, and not before the original.

    S3 counts in seconds. In the same second the upload by hand is spared: a derivative can be made again.
    """
    return not is_made_by_us(found) and found.last_modified >= original.last_modified


def upload_of(picture: EncodedImage, original: Stored, wish: Options) -> Upload:
    """The derivative as it is stored."""
    return Upload(
        data=picture.data,
        content_type=picture.content_type,
        headers=original.headers,
        metadata=_metadata(original, wish),
    )


def _side(name: str, original: Stored, default: int) -> int:
    text = original.metadata.get(name)
    if text is None:
        return default
    if not number_up_to(MAX_SIDE, text):
        raise MetadataError(f"its metadata {name} is {text!r}, not a number of pixels from 1 to {MAX_SIDE}")
    return int(text)


def _metadata(original: Stored, wish: Options) -> dict[str, str]:
    box = wish.box
    size = f"{box.width}x{box.height}" if box else ""
    return {
        "resized": "true",
        "source-etag": original.etag.strip('"'),
        "settings": f"v{OUTPUT_VERSION} {size} {wish.fit} q{wish.quality}",
    }
