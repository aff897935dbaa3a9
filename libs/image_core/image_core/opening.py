"""Recognise a file by its content, hold it against the limits, open it. Nothing is decoded yet."""

from image_format import Format, require_format
from image_format.bmp import embedded_profile
from image_format.png import header_of
from image_format.webp import dimensions

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

from image_core import apng, gif, jpeg, memory, webp
from image_core.animation import Animation
from image_core.clock import Clock
from image_core.colour import fix_transparency_depth
from image_core.errors import NotAnImage, TooManyBytes, TooManyPixels
from image_core.fit import layout_of
from image_core.icc import Profile, read_profile
from image_core.options import Fit, Limits, Options
from image_core.orient import transpose_for_orientation, upright_size
from image_core.png_colour import png_profile
from image_core.resize import draft
from image_core.source import BROKEN, Source, decoding

# Seconds on one vCPU. Other decoders than libwebp's are fed block by block, but a block may hold all scans.
_WEBP_PIXEL_SECONDS, _WEBP_GROUP_SECONDS = 70e-9, 6e-6
_JPEG_PIXEL_SECONDS, _SCAN_PIXEL_SECONDS = 20e-9, 0.5e-9

# A frame of an animation counts for so many pixels at least: to begin one costs as much time as to decode
# those, and a short file can hold a million frames of one pixel.
_FRAME_PIXELS = 4_096


def open_source(data: bytes, options: Options, clock: Clock) -> Source:
    """Open a file that is within the limits.

    Counted are the pixels that will be decoded: of a large JPEG for a small box a fraction, and frames where
    the output can hold them. The pixels that will be written are counted too, since a box may enlarge. So is
    the memory for both.

    Args:
        data: the file.
        options: the limits, and what decides how much is decoded.
        clock: the time that is left.

    Raises:
        NotAnImage, TooLarge, DerivationTooSlow
    """
    if len(data) > options.limits.max_bytes:
        raise TooManyBytes(f"The file has {len(data):,} bytes, the limit is {options.limits.max_bytes:,}.")
    file_format = require_format(data)
    with decoding():
        source = _source(data, file_format, options, clock)
        _check_result(data, source, options)
    return source


def _source(data: bytes, file_format: Format, options: Options, clock: Clock) -> Source:
    animated = file_format.animates and (options.output_format or file_format).animates
    match file_format:
        case Format.GIF:
            # The first frame too is laid on a canvas, which it need not fill.
            animation = gif.parse(data, _max_frames(options.limits) if animated else 1)
            return _open_animation(animation, None, file_format, options.limits, clock)
        case Format.PNG:
            profile = png_profile(data)
            found = apng.parse(data, _max_frames(options.limits) if animated else 0)
            if isinstance(found, Animation):
                source = _open_animation(found, profile, file_format, options.limits, clock)
                return source._replace(palette=header_of(data).has_palette)
            data = found
        case Format.JPEG:
            return _open_jpeg(data, options, clock)
        case Format.WEBP:
            return _open_webp(webp.repair(data), options.limits, clock, animated=animated)
        case Format.BMP:
            profile = read_profile(embedded_profile(data))
    image = _open(data, file_format, clock)
    _check_pixels([image.size], options.limits)
    decoding_bytes = memory.decode(image.size, image.mode, clear_colour="transparency" in image.info)
    return _still(image, profile, file_format, clock, decoding_bytes)


def _max_frames(limits: Limits) -> int:
    """One more than the limit allows is enough to refuse them all."""
    return limits.max_pixels // _FRAME_PIXELS + 2


def _open(data: bytes, file_format: Format, clock: Clock) -> ImageFile:
    image = Image.open(clock.file(data), formats=[file_format])
    fix_transparency_depth(image)
    return image


def _still(
    image: ImageFile, profile: Profile | None, file_format: Format, clock: Clock, decoding_bytes: int
) -> Source:
    return Source(
        format=file_format,
        size=image.size,
        frames=1,
        loop_count=0,
        file=image,
        clock=clock,
        decoding_bytes=decoding_bytes,
        profile=profile,
        alpha=image.has_transparency_data,
        palette=image.mode == "P",
        transpose=transpose_for_orientation(image),
    )


def _open_jpeg(data: bytes, options: Options, clock: Clock) -> Source:
    found = jpeg.read(data)
    image = _open(found.data, Format.JPEG, clock)
    image.info["exif"] = found.exif
    size, transpose = image.size, transpose_for_orientation(image)
    output = options.output_format or Format.JPEG
    layout = layout_of(upright_size(size, transpose), options, output.max_side)
    box = draft(image, layout.transposed(transpose).scaled)
    _check_pixels([size if found.scans else image.size], options.limits)
    held = memory.coefficients(size, len(image.getbands())) if found.scans else 0
    decoding_bytes = held + memory.decode(image.size, image.mode)
    decoding_seconds = _pixels(size) * (_JPEG_PIXEL_SECONDS + found.scans * _SCAN_PIXEL_SECONDS)
    if not found.ended:
        memory.check(decoding_bytes + 3 * len(data), options.limits)
        clock.check(2 * decoding_seconds)
        if not jpeg.is_complete(found.data, image.size, clock):
            raise NotAnImage(BROKEN)
    return Source(
        format=Format.JPEG,
        size=size,
        frames=1,
        loop_count=0,
        file=image,
        clock=clock,
        decoding_bytes=decoding_bytes,
        profile=read_profile(found.icc_profile),
        decoding_seconds=decoding_seconds,
        alpha=False,
        box=box,
        palette=False,
        progressive="progressive" in image.info,
        transpose=transpose,
    )


def _open_webp(data: bytes, limits: Limits, clock: Clock, *, animated: bool) -> Source:
    # Pillow allocates the canvas of a WebP when it opens it.
    size = dimensions(data)
    _check_pixels([size], limits)
    decoding_bytes = memory.webp(data, size)
    memory.check(decoding_bytes, limits)
    image = _open(data, Format.WEBP, clock)
    frames: int = getattr(image, "n_frames", 1) if animated else 1
    _check_pixels([image.size], limits, frames)
    return Source(
        format=Format.WEBP,
        size=image.size,
        frames=frames,
        loop_count=image.info.get("loop") or 0,
        file=image,
        clock=clock,
        decoding_bytes=decoding_bytes,
        profile=read_profile(image.info.get("icc_profile")),
        decoding_seconds=_pixels(image.size) * _WEBP_PIXEL_SECONDS
        + memory.webp_groups(data, size) * _WEBP_GROUP_SECONDS,
        alpha=image.has_transparency_data,
        palette=False,
        transpose=transpose_for_orientation(image),
    )


def _open_animation(
    animation: Animation, profile: Profile | None, file_format: Format, limits: Limits, clock: Clock
) -> Source:
    canvas = (animation.width, animation.height)
    if not animation.frames or not _pixels(canvas):
        raise NotAnImage(BROKEN)
    # A patch may be larger than the canvas, of which the rest is decoded in vain.
    larger = [max(canvas, (frame.width, frame.height), key=_pixels) for frame in animation.frames]
    _check_pixels(larger, limits)
    return Source(
        format=file_format,
        size=canvas,
        frames=len(animation.frames),
        loop_count=animation.loop_count,
        file=animation,
        clock=clock,
        decoding_bytes=max(memory.animated(size, len(larger)) for size in larger),
        profile=profile,
    )


def _check_result(data: bytes, source: Source, options: Options) -> None:
    """Hold what will be written against the limits, and the memory for all."""
    output = options.output_format or source.format
    alpha = source.alpha or options.fit is Fit.CONTAIN
    needed = []
    for transpose in _possible_transposes(data, source):
        layout = layout_of(upright_size(source.size, transpose), options, output.max_side)
        _check_pixels([layout.canvas], options.limits, source.frames)
        written = memory.written(layout.canvas, source.frames, output, alpha=alpha)
        stored = layout.transposed(transpose)
        between = memory.resize(source.size, stored.visible) if stored.scaled != source.size else 0
        needed.append(written + between)
    # The caller's bytes, and those that the decoder gets.
    held = source.profile.memory_bytes if source.profile else 0
    memory.check(source.decoding_bytes + max(needed) + held + 2 * len(data), options.limits)


def _possible_transposes(data: bytes, source: Source) -> tuple[Image.Transpose | None, ...]:
    """What may make it upright; a quarter of a turn stands for all that change the size.

    A PNG may say it behind its pixels, and an animation says it with its frames.
    """
    if source.format is Format.PNG and b"eXIf" in data:
        return None, Image.Transpose.ROTATE_90
    return (source.transpose,)


def _check_pixels(sizes: list[tuple[int, int]], limits: Limits, times: int = 1) -> None:
    pixels = sum(map(_pixels, sizes)) * times
    frames = len(sizes) * times
    if frames > 1:
        pixels = max(pixels, frames * _FRAME_PIXELS)
    if pixels > limits.max_pixels:
        raise TooManyPixels(f"The image has {pixels:,} pixels, the limit is {limits.max_pixels:,}.")


def _pixels(size: tuple[int, int]) -> int:
    return size[0] * size[1]
