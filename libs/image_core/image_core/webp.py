"""Repair the container of a WebP for the decoder (RFC 9649)."""

from image_format import NotAnImage
from image_format.webp import CHUNK_HEADER_BYTES, METADATA, RIFF_HEADER_BYTES, chunks, end_of


def repair(data: bytes) -> bytes:
    """Return the file without a truncated chunk of metadata, and with the right length in the header.

    Browsers show damaged files of this kind, since they decode while data arrive; libwebp's other interfaces
    refuse them.

    Args:
        data: a file that begins as a WebP. Files without this damage are returned unchanged. So are files
            with another truncated chunk or with more chunks than any encoder writes, which the decoder and
            the limits judge.
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
