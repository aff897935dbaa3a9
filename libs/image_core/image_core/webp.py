"""The container of a WebP before its decoder reads it (RFC 9649)."""

from image_format import NotAnImage
from image_format.webp import CHUNK_HEADER_BYTES, METADATA, RIFF_HEADER_BYTES, chunks, end_of


def repair(data: bytes) -> bytes:
    """Return the file without a truncated chunk of metadata, and with its length in its header.

    Browsers show such a file, since they decode it while it arrives; libwebp's other interfaces refuse it.

    Args:
        data: a file that begins as a WebP. One without such damage is returned as it is, and so is one with
            another truncated chunk, or with more chunks than any encoder writes: the decoder and the limits
            decide.
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
