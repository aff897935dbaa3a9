"""Open and encode a WebP (RFC 9649).

Pillow's encoder of animations copies all frames and encodes them before it writes anything, so libwebp's
encoder is called from here, frame by frame.
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any

import PIL.WebPImagePlugin  # noqa: F401 - importing a plugin registers it
from image_format import Format, NotAnImage
from image_format.webp import (
    ALPHA_FLAG,
    ANIMATION_FLAG,
    CHUNK_HEADER_BYTES,
    FLAGS_AT,
    METADATA,
    RIFF_HEADER_BYTES,
    chunks,
    dimensions,
    end_of,
)
from PIL import Image, _webp

from image_core import memory
from image_core.codec import Codec, Encoding, Request
from image_core.content import is_graphic, squared_error
from image_core.decode import ImageDecoder, open_with_pillow
from image_core.icc import read_profile
from image_core.limits import TimeLimit, check_memory, check_pixels
from image_core.orient import transpose_for_orientation
from image_core.palette import fits_palette, quantize_with_alpha
from image_core.save import MAX_16_BITS, save
from image_core.soft_alpha import quantize_soft_alpha
from image_core.source import DecodedFrame, Decoder, Frame, Size, Source, decoder_errors, have_alpha

# Bytes per pixel for decoding. libwebp decodes an animation into a canvas and keeps the previous one, and
# Pillow copies the canvas twice.
_ANIMATION_BYTES = 21
# Pillow opens the file with two canvases, and frees them. The pixels of a lossless image are decoded twice,
# those of others copied by Pillow, and alpha is premultiplied in a copy.
_STILL_BYTES = 9
# libwebp keeps a table for each group of prefix codes of a lossless image or alpha channel: up to 65,536
# groups, one for each block of 4 x 4 pixels (section 4.2), each of which has 20 bits at least.
_GROUP_BYTES = 6_000
_MAX_GROUPS, _GROUP_PIXELS, _GROUP_BITS = 65_536, 16, 20
# The alpha channel of a lossy image or frame, and its length (section 2.7.1.2).
_ALPHA = re.compile(rb"ALPH(?=(.{4}))", re.DOTALL)
# Reading the lengths of more alpha channels would take seconds.
_MAX_ALPHAS = 20_000
# Worst cases in seconds on one vCPU, per pixel and per group: a file is decoded in one call.
_DECODING_SECONDS, _GROUP_SECONDS = 70e-9, 6e-6
# Maximum pixels in all frames, method of libwebp, and seconds per pixel. More pixels are encoded with less
# effort, so that even the largest image is finished in time. Method 2 costs 2 to 5 % in bytes.
_EFFORTS = ((16_000_000, 4, 400e-9), (32_000_000, 2, 280e-9), (math.inf, 0, 220e-9))
# Options of a lossless WebP: a fast trial, and the file. If the trial has more than twice the bytes of the
# lossy file, the slow one would be longer, too, as for 40 of 40 graphics.
_LOSSLESS_TRIAL = {"lossless": True, "method": 0, "quality": 20}
_LOSSLESS = {"lossless": True, "method": 4, "quality": 80}
_MAX_TRIAL_RATIO = 2.0
# Bytes per pixel, and for each tile of which the lossless encoder keeps a histogram: noise of 400 x 400
# pixels with alpha takes 44 MB. Tiles grow until there are 2,600 or less (libwebp, MAX_HUFF_IMAGE_SIZE).
_LOSSLESS_BYTES, _TILE_BYTES, _MAX_TILES, _MIN_TILE_SIDE = 28, 16_000, 2_600, 8
_LOSSLESS_PIXEL_SECONDS = 4000e-9
# A lossless WebP without metadata begins with its pixels (2.6).
_VP8, _VP8L, _VP8X, _FIRST_CHUNK_AT = b"VP8 ", b"VP8L", b"VP8X", 12
_MAX_24_BITS, _MAX_31_BITS = 2**24 - 1, 2**31 - 1
# Worst case per pixel of a frame on one vCPU, of noise with alpha.
_FRAME_SECONDS = 400e-9
_ALPHA_QUALITY = 100


def _open(data: bytes, request: Request) -> Source:
    data = _repair(data)
    limits = request.options.limits
    # Pillow allocates the canvas of a WebP while opening the file, so both limits are checked before.
    size = dimensions(data)
    check_pixels([size], limits)
    groups = _count_groups(data, size)
    is_still = not data.startswith(_VP8X, _FIRST_CHUNK_AT) or not data[FLAGS_AT] & ANIMATION_FLAG
    pixel_bytes = _STILL_BYTES if is_still else _ANIMATION_BYTES
    decoding_bytes = memory.count_pixels(size) * pixel_bytes + groups * _GROUP_BYTES
    check_memory(decoding_bytes, limits)
    image = open_with_pillow(data, request)
    frame_count: int = getattr(image, "n_frames", 1) if request.is_animated else 1
    check_pixels([image.size], limits, frame_count)
    seconds = image.width * image.height * _DECODING_SECONDS + groups * _GROUP_SECONDS
    if is_still:
        decoder: Decoder = _StillDecoder(data, image, request.time_limit, seconds)
    else:
        decoder = ImageDecoder(image, request.time_limit, frame_count, seconds)
    return Source(
        format=Format.WEBP,
        size=image.size,
        decoder=decoder,
        decoding_bytes=decoding_bytes,
        profile=read_profile(image.info.get("icc_profile")),
        time_limit=request.time_limit,
        frame_count=frame_count,
        loop_count=image.info.get("loop") or 0,
        has_alpha=image.has_transparency_data,
        has_palette=False,
        transpose=transpose_for_orientation(image),
    )


class _StillDecoder:
    """Decodes a still image.

    Args:
        data: the file.
        image: the file as Pillow has opened it. A reference to it would keep its canvases.
        time_limit: time until the deadline.
        needed_seconds: worst case of decoding on one vCPU.
    """

    def __init__(self, data: bytes, image: Image.Image, time_limit: TimeLimit, needed_seconds: float) -> None:
        self._data = data
        self._size = image.size
        self._mode = "RGB" if image.mode == "RGBA" and _hides_alpha(data) else image.mode
        self._transpose = transpose_for_orientation(image)
        self._time_limit = time_limit
        self._needed_seconds = needed_seconds

    def frames(self) -> Iterator[DecodedFrame]:
        """Yield the image; see `Decoder`."""
        from image_core.libwebp import decode_still  # noqa: PLC0415 - for WebP only

        self._time_limit.check(self._needed_seconds)
        with decoder_errors():
            image = decode_still(self._data, self._size, self._mode)
        yield DecodedFrame(image=image, transpose=self._transpose, duration_ms=0)


def _hides_alpha(data: bytes) -> bool:
    """Return True if a header announces no alpha, so that libwebp's demuxer drops that of a lossy image."""
    if not data.startswith(_VP8X, _FIRST_CHUNK_AT) or data[FLAGS_AT] & ALPHA_FLAG:
        return False
    return any(chunk.name == _VP8 for chunk in chunks(data))


def _repair(data: bytes) -> bytes:
    """Return the file without a truncated chunk of metadata, and with the right length in the header.

    Browsers show damaged files of this kind, since they decode while data arrive; libwebp's other interfaces
    refuse them.

    Args:
        data: a file that begins as a WebP. Files without this damage are returned unchanged. So are files
            with another truncated chunk or with more chunks than any encoder writes: the decoder or the
            limits refuse them.
    """
    end = RIFF_HEADER_BYTES
    try:
        for chunk in chunks(data):
            if not chunk.complete:
                if chunk.name not in METADATA:
                    return data
                break
            end = chunk.end
    except NotAnImage:
        return data
    stated_end = end_of(data)
    if end <= stated_end < end + CHUNK_HEADER_BYTES and stated_end <= len(data):
        return data
    content = data[CHUNK_HEADER_BYTES:end].ljust(end - CHUNK_HEADER_BYTES, b"\0")
    return b"RIFF" + len(content).to_bytes(4, "little") + content


def _count_groups(data: bytes, size: Size) -> int:
    """Return the maximum number of groups of prefix codes in a lossless image or alpha channel of a WebP."""
    return min(
        _MAX_GROUPS, memory.count_pixels(size) // _GROUP_PIXELS, _lossless_bytes(data) * 8 // _GROUP_BITS
    )


def _lossless_bytes(data: bytes) -> int:
    """Return the maximum length of a lossless image or alpha channel in a WebP.

    A lossy image may be long and have a short alpha channel, so the length of the channel itself counts.
    """
    if b"VP8L" in data or data.count(b"ALPH") > _MAX_ALPHAS:
        return len(data)
    return max((int.from_bytes(found[1], "little") for found in _ALPHA.finditer(data)), default=0)


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    image = frames[0].image
    pixels = image.width * image.height
    time_limit.check(pixels * _effort(pixels)[1] if len(frames) == 1 else 0.0)
    options = {
        "quality": encoding.quality,
        "method": _effort(pixels * len(frames))[0],
        "icc_profile": frames[0].profile_bytes,
    }
    if len(frames) > 1:
        return _encode_animation(frames, encoding, options, time_limit)
    return _encode_still(image, encoding, options, time_limit)


def _effort(pixels: int) -> tuple[int, float]:
    return next((method, seconds) for max_pixels, method, seconds in _EFFORTS if pixels <= max_pixels)


def _encode_animation(
    frames: Sequence[Frame], encoding: Encoding, save_options: dict[str, Any], time_limit: TimeLimit
) -> bytes:
    """Return an animated WebP, which is lossless for graphics with a palette if that is shorter.

    The drawing `apng-palette-64.png` has 0.53 of the bytes of the lossy file then. Lossless encoding is tried
    if the first frame as a still image becomes lossless.
    """
    lossy = _save_animation(frames, encoding.loop_count, save_options, time_limit)
    first = frames[0].image
    seconds = first.width * first.height * len(frames) * _LOSSLESS_PIXEL_SECONDS
    if not encoding.palette or not is_graphic(first) or not time_limit.leaves(seconds):
        return lossy
    still = _encode_still(first, encoding, save_options | {"icc_profile": None}, time_limit)
    if not still.startswith(_VP8L, _FIRST_CHUNK_AT):
        return lossy
    images = quantize_soft_alpha([frame.image for frame in frames], time_limit)
    exact = [
        frame._replace(image=image.convert("RGBA" if image.has_transparency_data else "RGB"))
        for frame, image in zip(frames, images, strict=True)
    ]
    lossless = _save_animation(exact, encoding.loop_count, save_options | _LOSSLESS, time_limit)
    return min(lossy, lossless, key=len)


def _encode_still(
    image: Image.Image, encoding: Encoding, save_options: dict[str, Any], time_limit: TimeLimit
) -> bytes:
    """Return a still WebP, which is lossless if that is shorter and no less like the image.

    An original with a palette gets one again: `diagram-16.png`, resized to 360 x 200, has 0.65 of the bytes
    of the lossy file and a PSNR of 49 instead of 37 dB. In its own size it has 0.24 of the bytes, and
    `scan-1bit.png` 0.09. Resized graphics in full colour are hardly ever shorter without loss.

    Lossless encoding is not tried if the deadline is near.
    """
    lossy = save(image, Format.WEBP, save_options, time_limit)
    seconds = image.width * image.height * _LOSSLESS_PIXEL_SECONDS
    soft_palette = encoding.palette and image.mode == "RGBA"
    if not (soft_palette or is_graphic(image)) or not time_limit.leaves(seconds):
        return lossy
    reduced = image
    if encoding.palette or fits_palette(image):
        reduced = quantize_with_alpha(image, time_limit)
    elif len(save(image, Format.WEBP, save_options | _LOSSLESS_TRIAL, time_limit)) > (
        _MAX_TRIAL_RATIO * len(lossy)
    ):
        return lossy
    lossless = save(reduced, Format.WEBP, save_options | _LOSSLESS, time_limit)
    if len(lossless) >= len(lossy):
        return lossy
    error, lossy_error = (squared_error(image, Image.open(BytesIO(data))) for data in (lossless, lossy))
    return lossless if error <= lossy_error else lossy


def _save_animation(
    frames: Sequence[Frame], loop_count: int, options: Mapping[str, Any], time_limit: TimeLimit
) -> bytes:
    """Return an animated WebP. A frame is encoded only if its worst case fits into the remaining time."""
    width, height = frames[0].image.size
    quality, method = options["quality"], options["method"]
    # Key frames in between, which only seeking needs, take up to 40 % more bytes. The option
    # minimize_size would encode each frame twice, once per disposal method, for 0 to 3 % fewer bytes.
    minimize_size, no_key_frames, mixed, verbose = False, (0, 0), False, False
    lossless = options.get("lossless", False)
    loop, background = min(loop_count, MAX_16_BITS), 0
    encoder = _webp.WebPAnimEncoder(
        (width, height), background, loop, minimize_size, *no_key_frames, mixed, verbose
    )
    ends_ms = itertools.accumulate(min(round(frame.duration_ms), _MAX_24_BITS) for frame in frames)
    start_ms = 0
    paced = time_limit.pace(frames, len(frames), width * height * _FRAME_SECONDS)
    for frame, end_ms in zip(paced, ends_ms, strict=True):
        image = frame.image.convert("RGBA" if frame.image.mode in {"LA", "RGBA"} else "RGB")
        encoder.add(image.getim(), start_ms, lossless, quality, _ALPHA_QUALITY, method)
        start_ms = min(end_ms, _MAX_31_BITS)
    encoder.add(None, start_ms, lossless, quality, _ALPHA_QUALITY, method)
    data: bytes | None = encoder.assemble(options["icc_profile"] or b"", b"", b"")
    if data is None:
        raise OSError("the encoder returned no file")
    return _set_alpha_flag(data) if have_alpha(frames) else data


def _estimate_lossless(size: Size) -> int:
    """Return the bytes for encoding an image of this size without loss."""
    side = _MIN_TILE_SIDE
    while (tiles := math.ceil(size[0] / side) * math.ceil(size[1] / side)) > _MAX_TILES:
        side *= 2
    return memory.count_pixels(size) * _LOSSLESS_BYTES + tiles * _TILE_BYTES


def _set_alpha_flag(data: bytes) -> bytes:
    """Return an animated WebP whose header announces alpha.

    libwebp omits the flag if each frame is opaque by itself and clears a part of the canvas afterwards. Equal
    frames become a still image, which may have no such header.
    """
    if not data.startswith(b"VP8X", RIFF_HEADER_BYTES):
        return data
    flags = data[FLAGS_AT] | ALPHA_FLAG
    return data[:FLAGS_AT] + bytes((flags,)) + data[FLAGS_AT + 1 :]


CODEC = Codec(
    open=_open,
    encode=_encode,
    encoding_bytes=32,
    encoding_alpha_bytes=16,
    encoding_frame_bytes=12,
    lossless_bytes=_estimate_lossless,
    settings=(0, 3, 26, 44, 58, 73, 80, 84, 88, 94, 100),
)
