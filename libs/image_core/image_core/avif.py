"""Open and encode an AVIF.

Its parser and `libavif` are imported when they are needed, so that other formats do not pay for them in a
cold start.
"""

from collections.abc import Sequence

from image_format import Format

from image_core import memory
from image_core.codec import Codec, Encoding, Request
from image_core.icc import Profile, read_profile
from image_core.limits import TimeLimit, check_memory, check_pixels
from image_core.png_colour import profile_by_code_points
from image_core.source import Frame, Source

# Code points of ITU-T H.273, tables 2 and 3.
_SRGB_PRIMARIES, _SRGB_TRANSFER, _VIDEO_TRANSFERS = 1, 13, frozenset({1, 2, 6, 14, 15})
# libavif keeps planes of 16 bits a sample with alpha and converts them, Pillow copies the result twice.
_DECODING_BYTES = 22
# Buffers of the decoder beside those of the encoder in `memory.BASE_BYTES`.
_DECODER_BYTES = 4 * 2**20


def _open(data: bytes, request: Request) -> Source:
    from image_format.avif import read_header  # noqa: PLC0415 - for AVIF only

    from image_core.libavif import AvifDecoder  # noqa: PLC0415

    limits = request.options.limits
    header = read_header(data)
    for sizes in ([header.size], [*header.tiles], [*header.alpha_tiles]):
        check_pixels(sizes, limits)
    decoding_bytes = memory.count_pixels(header.size) * _DECODING_BYTES + _DECODER_BYTES
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
        profile=_read_profile(decoder.icc_profile, header.code_points, grey=decoder.mode == "L"),
        time_limit=request.time_limit,
        frame_count=decoder.frame_count,
        loop_count=header.loop_count,
        has_alpha=decoder.mode == "RGBA",
        has_palette=False,
        transpose=decoder.transpose,
    )


def _read_profile(
    icc_profile: bytes | None, code_points: tuple[int, int] | None, *, grey: bool
) -> Profile | None:
    """Return the ICC profile of an AVIF, or one built from its code points; None: sRGB.

    The transfer function of SDR video counts as that of sRGB, because encoders state it for still images.
    """
    if icc_profile or code_points is None:
        return read_profile(icc_profile)
    primaries, transfer = code_points
    transfer = _SRGB_TRANSFER if transfer in _VIDEO_TRANSFERS else transfer
    if (primaries, transfer) == (_SRGB_PRIMARIES, _SRGB_TRANSFER):
        return None
    return profile_by_code_points(primaries, transfer, grey=grey)


def _encode(frames: Sequence[Frame], encoding: Encoding, time_limit: TimeLimit) -> bytes:
    from image_core.libavif import encode_avif  # noqa: PLC0415 - for AVIF only

    time_limit.check()
    return encode_avif(frames, encoding.loop_count, encoding.quality, time_limit)


def _count_frames(data: bytes, time_limit: TimeLimit) -> int:
    from image_core.libavif import AvifDecoder  # noqa: PLC0415 - for AVIF only

    return AvifDecoder(data, time_limit).frames_in_file


CODEC = Codec(
    open=_open,
    encode=_encode,
    encoding_bytes=60,
    encoding_frame_bytes=12,
    border_pixels=64,
    settings=(10, 22, 42, 51, 57, 63, 67, 71, 79, 90, 100),
    count_frames=_count_frames,
)
