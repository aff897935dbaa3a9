"""Recognise a file by its content, hold it against the limits, open it. Nothing is decoded yet."""

from image_format import Format, require_format

# Only the decoders that are wanted. Pillow knows some sixty more, and looks for them all when it meets a
# WebP before this import (a third of a second).
from PIL import (
    BmpImagePlugin,  # noqa: F401 - importing a plugin registers it
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)
from PIL.ImageFile import ImageFile

from image_core import apng, bmp, gif, jpeg, memory, webp
from image_core.clock import Clock
from image_core.colour import scale_clear_colour
from image_core.errors import NotAnImage, TooManyBytes, TooManyPixels
from image_core.fit import layout_of
from image_core.icc import Profile, read_profile
from image_core.orient import turn_of, upright_size
from image_core.png_colour import png_profile
from image_core.recognise import webp_size
from image_core.reel import Reel
from image_core.resize import draft
from image_core.source import BROKEN, Source, decoding
from image_core.wish import Fit, Limits, Transform

# Seconds on one vCPU. Other decoders than libwebp's are fed block by block, but a block may hold all scans.
_WEBP_PIXEL_SECONDS, _WEBP_GROUP_SECONDS = 70e-9, 6e-6
_JPEG_PIXEL_SECONDS, _SCAN_PIXEL_SECONDS = 20e-9, 0.5e-9

# A frame of an animation counts for so many pixels at least: to begin one costs as much time as to decode
# those, and a short file can hold a million frames of one pixel.
_FRAME_PIXELS = 4_096


def open_source(data: bytes, wish: Transform, clock: Clock) -> Source:
    """Open a file that is within the limits.

    Counted are the pixels that will be decoded: of a large JPEG for a small box a fraction, and frames where
    the output can hold them. The pixels that will be written are counted too, since a box may enlarge. So is
    the memory for both.

    Args:
        data: the file.
        wish: the limits, and what decides how much is decoded.
        clock: the time that is left.

    Raises:
        NotAnImage, TooLarge, DerivationTooSlow
    """
    if len(data) > wish.limits.max_bytes:
        raise TooManyBytes(f"The file has {len(data):,} bytes, the limit is {wish.limits.max_bytes:,}.")
    file_format = require_format(data)
    with decoding():
        source = _source(data, file_format, wish, clock)
        _check_result(data, source, wish)
    return source


def _source(data: bytes, file_format: Format, wish: Transform, clock: Clock) -> Source:
    animated = file_format.animates and (wish.output_format or file_format).animates
    match file_format:
        case Format.GIF:
            # The first frame too is laid on a canvas, which it need not fill.
            reel = gif.parse(data, _most_frames(wish.limits) if animated else 1)
            return _opened_reel(reel, None, file_format, wish.limits, clock)
        case Format.PNG:
            profile = png_profile(data)
            found = apng.parsed(data, _most_frames(wish.limits) if animated else 0)
            if isinstance(found, Reel):
                source = _opened_reel(found, profile, file_format, wish.limits, clock)
                return source._replace(palette=apng.has_palette(data))
            data = found
        case Format.JPEG:
            return _opened_jpeg(data, wish, clock)
        case Format.WEBP:
            return _opened_webp(webp.mended(data), wish.limits, clock, animated=animated)
        case Format.BMP:
            profile = read_profile(bmp.embedded_profile(data))
    image = _opened(data, file_format, clock)
    _check_pixels([image.size], wish.limits)
    decoding_bytes = memory.decoded(image.size, image.mode, clear_colour="transparency" in image.info)
    return _still(image, profile, file_format, clock, decoding_bytes)


def _most_frames(limits: Limits) -> int:
    """One more than the limit allows is enough to refuse them all."""
    return limits.max_pixels // _FRAME_PIXELS + 2


def _opened(data: bytes, file_format: Format, clock: Clock) -> ImageFile:
    image = Image.open(clock.file(data), formats=[file_format])
    scale_clear_colour(image)
    return image


def _still(
    image: ImageFile, profile: Profile | None, file_format: Format, clock: Clock, decoding_bytes: int
) -> Source:
    return Source(
        format=file_format,
        size=image.size,
        frames=1,
        plays=0,
        file=image,
        clock=clock,
        decoding_bytes=decoding_bytes,
        profile=profile,
        alpha=image.has_transparency_data,
        palette=image.mode == "P",
        turn=turn_of(image),
    )


def _opened_jpeg(data: bytes, wish: Transform, clock: Clock) -> Source:
    found = jpeg.read(data)
    image = _opened(found.data, Format.JPEG, clock)
    image.info["exif"] = found.exif
    size, turn = image.size, turn_of(image)
    output = wish.output_format or Format.JPEG
    layout = layout_of(upright_size(size, turn), wish, output.max_side)
    box = draft(image, layout.turned(turn).scaled)
    _check_pixels([size if found.scans else image.size], wish.limits)
    held = memory.coefficients(size, len(image.getbands())) if found.scans else 0
    decoding_bytes = held + memory.decoded(image.size, image.mode)
    decoding_seconds = _pixels(size) * (_JPEG_PIXEL_SECONDS + found.scans * _SCAN_PIXEL_SECONDS)
    if not found.ended:
        memory.check(decoding_bytes + 3 * len(data), wish.limits)
        clock.check(2 * decoding_seconds)
        if not jpeg.is_complete(found.data, image.size, clock):
            raise NotAnImage(BROKEN)
    return Source(
        format=Format.JPEG,
        size=size,
        frames=1,
        plays=0,
        file=image,
        clock=clock,
        decoding_bytes=decoding_bytes,
        profile=read_profile(found.icc_profile),
        decoding_seconds=decoding_seconds,
        alpha=False,
        box=box,
        palette=False,
        progressive="progressive" in image.info,
        turn=turn,
    )


def _opened_webp(data: bytes, limits: Limits, clock: Clock, *, animated: bool) -> Source:
    # Pillow allocates the canvas of a WebP when it opens it.
    size = webp_size(data)
    _check_pixels([size], limits)
    decoding_bytes = memory.webp(data, size)
    memory.check(decoding_bytes, limits)
    image = _opened(data, Format.WEBP, clock)
    frames: int = getattr(image, "n_frames", 1) if animated else 1
    _check_pixels([image.size], limits, frames)
    return Source(
        format=Format.WEBP,
        size=image.size,
        frames=frames,
        plays=image.info.get("loop") or 0,
        file=image,
        clock=clock,
        decoding_bytes=decoding_bytes,
        profile=read_profile(image.info.get("icc_profile")),
        decoding_seconds=_pixels(image.size) * _WEBP_PIXEL_SECONDS
        + memory.webp_groups(data, size) * _WEBP_GROUP_SECONDS,
        alpha=image.has_transparency_data,
        palette=False,
        turn=turn_of(image),
    )


def _opened_reel(
    reel: Reel, profile: Profile | None, file_format: Format, limits: Limits, clock: Clock
) -> Source:
    canvas = (reel.width, reel.height)
    if not reel.patches or not _pixels(canvas):
        raise NotAnImage(BROKEN)
    # A patch may be larger than the canvas, of which the rest is decoded in vain.
    larger = [max(canvas, (patch.width, patch.height), key=_pixels) for patch in reel.patches]
    _check_pixels(larger, limits)
    return Source(
        format=file_format,
        size=canvas,
        frames=len(reel.patches),
        plays=reel.plays,
        file=reel,
        clock=clock,
        decoding_bytes=max(memory.patched(size, len(larger)) for size in larger),
        profile=profile,
    )


def _check_result(data: bytes, source: Source, wish: Transform) -> None:
    """Hold what will be written against the limits, and the memory for all."""
    output = wish.output_format or source.format
    alpha = source.alpha or wish.fit is Fit.CONTAIN
    needed = []
    for turn in _possible_turns(data, source):
        layout = layout_of(upright_size(source.size, turn), wish, output.max_side)
        _check_pixels([layout.canvas], wish.limits, source.frames)
        written = memory.written(layout.canvas, source.frames, output, alpha=alpha)
        stored = layout.turned(turn)
        between = memory.resized(source.size, stored.visible) if stored.scaled != source.size else 0
        needed.append(written + between)
    # The caller's bytes, and those that the decoder gets.
    held = source.profile.memory_bytes if source.profile else 0
    memory.check(source.decoding_bytes + max(needed) + held + 2 * len(data), wish.limits)


def _possible_turns(data: bytes, source: Source) -> tuple[Image.Transpose | None, ...]:
    """What may make it upright; a quarter of a turn stands for all that change the size.

    A PNG may say it behind its pixels, and an animation says it with its frames.
    """
    if source.format is Format.PNG and b"eXIf" in data:
        return None, Image.Transpose.ROTATE_90
    return (source.turn,)


def _check_pixels(sizes: list[tuple[int, int]], limits: Limits, times: int = 1) -> None:
    pixels = sum(map(_pixels, sizes)) * times
    frames = len(sizes) * times
    if frames > 1:
        pixels = max(pixels, frames * _FRAME_PIXELS)
    if pixels > limits.max_pixels:
        raise TooManyPixels(f"The picture has {pixels:,} pixels, the limit is {limits.max_pixels:,}.")


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]
