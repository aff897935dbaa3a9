"""Open a file: detect its format, read its header, check it against the limits. No pixel is decoded.

One function per format gives a source. The pixels that count are those that will be decoded: a fraction of a
large JPEG for a small box, and all frames only if the output format can hold an animation.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from image_format import Format, for_every_format, require_format
from image_format.bmp import embedded_profile
from image_format.png import header_of
from image_format.webp import dimensions

# Only the decoders that are needed. Pillow has some sixty more and would import all of them (a third of a
# second) if it met a WebP before this import.
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
from image_core.auto import resolve_format
from image_core.colour import fix_transparency_depth
from image_core.decode import AnimationDecoder, ImageDecoder
from image_core.errors import NotAnImage
from image_core.fit import compute_layout
from image_core.icc import Profile, read_profile
from image_core.limits import TimeLimit, check_memory, check_pixels, max_frames
from image_core.options import Options
from image_core.orient import transpose_for_orientation, upright_size
from image_core.png_colour import png_profile, profile_by_code_points
from image_core.resize import draft
from image_core.source import DAMAGED, Size, Source, decoder_errors

# Worst cases in seconds on one vCPU. Decoders other than libwebp read block by block, but a single block of a
# JPEG may hold all scans.
_WEBP_PIXEL_SECONDS, _WEBP_GROUP_SECONDS = 70e-9, 6e-6
# Code points of ITU-T H.273, tables 2 and 3.
_SRGB_PRIMARIES, _SRGB_TRANSFER, _VIDEO_TRANSFERS = 1, 13, frozenset({1, 2, 6, 14, 15})
_JPEG_PIXEL_SECONDS, _SCAN_PIXEL_SECONDS = 20e-9, 0.5e-9


class _Request(NamedTuple):
    """Parameters of opening a file.

    Attributes:
        options: options of the transform, with its limits.
        time_limit: time until the deadline.
        format: format of the file.
    """

    options: Options
    time_limit: TimeLimit
    format: Format

    @property
    def output(self) -> Format:
        """The format to encode."""
        return resolve_format(self.options.output_format, self.format)

    @property
    def is_animated(self) -> bool:
        """True if both formats can hold an animation, so that all frames are wanted."""
        return self.format.animates and self.output.animates

    @property
    def max_frames(self) -> int:
        """Number of frames after which parsing may stop."""
        return max_frames(self.options.limits) if self.is_animated else 1


def open_source(data: bytes, options: Options, time_limit: TimeLimit) -> Source:
    """Open a file whose decoding is within the limits.

    Args:
        data: bytes of the file.
        options: limits, and the box and the output format, which decide how much is decoded.
        time_limit: time until the deadline.

    Raises:
        NotAnImage: the format is not supported, or the file is damaged.
        TooLarge: a limit is exceeded.
        TransformTooSlow: the time is up.
    """
    request = _Request(options, time_limit, require_format(data))
    with decoder_errors():
        return _OPENERS[request.format](data, request)


def _open_gif(data: bytes, request: _Request) -> Source:
    return _animated_source(gif.parse(data, request.max_frames), None, request)


def _open_png(data: bytes, request: _Request) -> Source:
    profile = png_profile(data)
    parsed = apng.parse(data, request.max_frames if request.is_animated else 0)
    if isinstance(parsed, bytes):
        source = _still_source(parsed, profile, request)
    else:
        source = _animated_source(parsed, profile, request)._replace(has_palette=header_of(data).has_palette)
    return source._replace(has_late_orientation=b"eXIf" in data)


def _open_bmp(data: bytes, request: _Request) -> Source:
    return _still_source(data, read_profile(embedded_profile(data)), request)


def _open_jpeg(data: bytes, request: _Request) -> Source:
    parsed = jpeg.read(data)
    image = _open_with_pillow(parsed.data, request)
    image.info["exif"] = parsed.exif
    size, transpose = image.size, transpose_for_orientation(image)
    layout = compute_layout(upright_size(size, transpose), request.options, request.output.max_side)
    draft_box = draft(image, layout.transposed(transpose).scaled, request.output)
    # A JPEG of several scans is decoded in full before libjpeg can reduce it.
    check_pixels([size if parsed.scans else image.size], request.options.limits)
    coefficients = memory.estimate_coefficients(size, len(image.getbands())) if parsed.scans else 0
    decoding_bytes = coefficients + memory.estimate_decoding(image.size, image.mode)
    seconds = size[0] * size[1] * (_JPEG_PIXEL_SECONDS + parsed.scans * _SCAN_PIXEL_SECONDS)
    if not parsed.ended:
        check_memory(decoding_bytes + 3 * len(data), request.options.limits)
        request.time_limit.check(2 * seconds)
        if not jpeg.is_complete(parsed.data, image.size, request.time_limit):
            raise NotAnImage(DAMAGED)
    return Source(
        format=Format.JPEG,
        size=size,
        decoder=ImageDecoder(image, request.time_limit, frame_seconds=seconds),
        decoding_bytes=decoding_bytes,
        profile=read_profile(parsed.icc_profile),
        time_limit=request.time_limit,
        has_alpha=False,
        draft_box=draft_box,
        has_palette=False,
        is_progressive="progressive" in image.info,
        transpose=transpose,
    )


def _open_webp(data: bytes, request: _Request) -> Source:
    data = webp.repair(data)
    limits = request.options.limits
    # Pillow allocates the canvas of a WebP while opening the file, so both limits are checked before.
    size = dimensions(data)
    check_pixels([size], limits)
    decoding_bytes = memory.estimate_webp(data, size)
    check_memory(decoding_bytes, limits)
    image = _open_with_pillow(data, request)
    frame_count: int = getattr(image, "n_frames", 1) if request.is_animated else 1
    check_pixels([image.size], limits, frame_count)
    seconds = image.width * image.height * _WEBP_PIXEL_SECONDS
    seconds += memory.count_webp_groups(data, size) * _WEBP_GROUP_SECONDS
    return Source(
        format=Format.WEBP,
        size=image.size,
        decoder=ImageDecoder(image, request.time_limit, frame_count, seconds),
        decoding_bytes=decoding_bytes,
        profile=read_profile(image.info.get("icc_profile")),
        time_limit=request.time_limit,
        frame_count=frame_count,
        loop_count=image.info.get("loop") or 0,
        has_alpha=image.has_transparency_data,
        has_palette=False,
        transpose=transpose_for_orientation(image),
    )


def _open_avif(data: bytes, request: _Request) -> Source:
    from image_format.avif import read_header  # noqa: PLC0415 - see `image_core.avif`

    from image_core.avif import AvifDecoder  # noqa: PLC0415

    limits = request.options.limits
    header = read_header(data)
    for sizes in ([header.size], [*header.tiles], [*header.alpha_tiles]):
        check_pixels(sizes, limits)
    decoding_bytes = memory.estimate_avif(header.size)
    check_memory(decoding_bytes, limits)
    decoder = AvifDecoder(data, request.time_limit)
    if request.is_animated:
        decoder.frame_count = decoder.frames_in_file
    check_pixels([decoder.size], limits, decoder.frame_count)
    return Source(
        format=Format.AVIF,
        size=decoder.size,
        decoder=decoder,
        decoding_bytes=decoding_bytes,
        profile=_avif_profile(decoder.icc_profile, header.code_points, grey=decoder.mode == "L"),
        time_limit=request.time_limit,
        frame_count=decoder.frame_count,
        loop_count=header.loop_count,
        has_alpha=decoder.mode == "RGBA",
        has_palette=False,
        transpose=decoder.transpose,
    )


def _avif_profile(
    icc_profile: bytes | None, code_points: tuple[int, int] | None, *, grey: bool
) -> Profile | None:
    """Return the ICC profile of an AVIF, or one built from its code points; None: sRGB.

    The transfer of SDR video is taken for that of sRGB: encoders state it for still images, too.
    """
    if icc_profile or code_points is None:
        return read_profile(icc_profile)
    primaries, transfer = code_points
    transfer = _SRGB_TRANSFER if transfer in _VIDEO_TRANSFERS else transfer
    if (primaries, transfer) == (_SRGB_PRIMARIES, _SRGB_TRANSFER):
        return None
    return profile_by_code_points(primaries, transfer, grey=grey)


_OPENERS: Mapping[Format, Callable[[bytes, _Request], Source]] = for_every_format(
    {
        Format.JPEG: _open_jpeg,
        Format.PNG: _open_png,
        Format.GIF: _open_gif,
        Format.BMP: _open_bmp,
        Format.WEBP: _open_webp,
        Format.AVIF: _open_avif,
    }
)


def _open_with_pillow(data: bytes, request: _Request) -> ImageFile:
    image = Image.open(request.time_limit.open_file(data), formats=[request.format])
    fix_transparency_depth(image)
    return image


def _still_source(data: bytes, profile: Profile | None, request: _Request) -> Source:
    image = _open_with_pillow(data, request)
    check_pixels([image.size], request.options.limits)
    return Source(
        format=request.format,
        size=image.size,
        decoder=ImageDecoder(image, request.time_limit),
        decoding_bytes=memory.estimate_decoding(
            image.size, image.mode, has_transparency="transparency" in image.info
        ),
        profile=profile,
        time_limit=request.time_limit,
        has_alpha=image.has_transparency_data,
        has_palette=image.mode in {"1", "P"},
        transpose=transpose_for_orientation(image),
    )


def _animated_source(animation: Animation, profile: Profile | None, request: _Request) -> Source:
    canvas = (animation.width, animation.height)
    if not animation.frames or 0 in canvas:
        raise NotAnImage(DAMAGED)
    # A frame that is larger than the canvas is decoded in full before it is cropped.
    sizes = [max(canvas, (frame.width, frame.height), key=_area) for frame in animation.frames]
    check_pixels(sizes, request.options.limits)
    return Source(
        format=request.format,
        size=canvas,
        decoder=AnimationDecoder(animation, request.time_limit),
        decoding_bytes=max(memory.estimate_composing(size, len(sizes)) for size in sizes),
        profile=profile,
        time_limit=request.time_limit,
        frame_count=len(animation.frames),
        loop_count=animation.loop_count,
        is_within_canvas=animation.is_within_canvas,
    )


def _area(size: Size) -> int:
    return size[0] * size[1]
