"""What the first bytes of a file say."""

import struct


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP canvas (RFC 9649, sections 2.5 to 2.7).

    Raises:
        struct.error: the header is cut off.
    """
    match data[12:16]:
        case b"VP8X":
            low_width, high_width, low_height, high_height = struct.unpack_from("<HBHB", data, 24)
            return (high_width << 16 | low_width) + 1, (high_height << 16 | low_height) + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", data, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case _:
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
