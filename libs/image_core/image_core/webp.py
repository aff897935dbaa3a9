"""The container of a WebP before its decoder sees it (RFC 9649)."""

import struct

_RIFF_HEADER_BYTES, _CHUNK_HEADER_BYTES = 12, 8
# The decoder has to find out whether any other chunk that is cut short is missed.
_METADATA = frozenset({b"EXIF", b"XMP "})
# Encoders write one for each frame, and some ten more.
_MAX_CHUNKS = 100_000


def repair(data: bytes) -> bytes:
    """Return the file without a chunk of metadata that is cut short, and with its length in its header.

    Browsers show such a file, since they decode it while it arrives; libwebp's other interfaces refuse it.

    Args:
        data: a file that begins as a WebP. One that is not damaged like this is returned as it is.
    """
    length = int.from_bytes(data[4:8], "little")
    end = min(len(data), _CHUNK_HEADER_BYTES + length)
    at = _RIFF_HEADER_BYTES
    for _ in range(_MAX_CHUNKS):
        if end - at < _CHUNK_HEADER_BYTES:
            break
        (size,) = struct.unpack_from("<I", data, at + 4)
        if at + _CHUNK_HEADER_BYTES + size > end:
            if data[at : at + 4] not in _METADATA:
                return data
            break
        at += _CHUNK_HEADER_BYTES + size + size % 2  # 2.3: an odd one is padded
    else:
        return data
    if at <= end == _CHUNK_HEADER_BYTES + length and end - at < _CHUNK_HEADER_BYTES:
        return data
    content = data[_CHUNK_HEADER_BYTES:at].ljust(at - _CHUNK_HEADER_BYTES, b"\0")
    return b"RIFF" + struct.pack("<I", len(content)) + content
