"""Small files that cost much, built byte by byte."""

import struct
import zlib
from collections.abc import Iterable

from PIL import Image

from tests.libs.image_core import files
from tests.libs.image_core.images import file_of, gradient

MILLION = 1_000_000


def zeros(length: int) -> bytes:
    """Return a zlib stream of zeros, most of which are one block again and again."""
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    block = packer.compress(bytes(MILLION)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(bytes(length % MILLION)) + packer.flush()
    # Header and Adler-32 of zeros (RFC 1950, sections 2.2 and 9).
    return b"\x78\xda" + block * (length // MILLION) + end + struct.pack(">HH", length % 65_521, 1)


def png_of_zeros(width: int, height: int, colour_type: int, *, interlaced: bool = False) -> bytes:
    """Return a PNG with 8 bits per sample, all of them 0."""
    bands = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour_type]
    # Passes of an interlaced image have a filter byte for each of their rows, two for each row at most.
    length = (width * bands + (2 if interlaced else 1)) * height
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, interlaced)
    return png([(b"IHDR", header), (b"PLTE", bytes(3)), (b"IDAT", zeros(length))])


def png(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return a PNG of these chunks and IEND."""
    parts = [files.png_chunk(*chunk) for chunk in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts) + files.png_chunk(b"IEND", b"")


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a tiny PNG with these chunks before the pixels."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return png([(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(bytes(2)))])


def png_of_empty_chunks(length: int) -> bytes:
    """Return a PNG of private chunks without content."""
    data = png_with()
    return data[:33] + files.png_chunk(b"prVt", b"") * (length // 12) + data[33:]


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """Return a progressive JPEG with this number of scans, none of which changes a block."""
    data = file_of(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    end = data.rindex(b"\xff\xd9")
    # The last scan of a grey image refines all AC coefficients. Its blocks are one run, coded in few bytes.
    last = data.rindex(b"\xff\xda", 0, end)
    tables = data.rfind(b"\xff\xc4", 0, last)
    return data[:end] + data[tables:end] * scans + data[end:]


def jpeg_of_segments(length: int, segment: bytes = b"\xff\xe1\0\2") -> bytes:
    """Return a JPEG with as many segments as this length holds."""
    data = file_of(gradient(8, 8), "JPEG")
    return data[:2] + segment * (length // len(segment)) + data[2:]


def overlapping_exif(entries: int, length: int) -> bytes:
    """Return an EXIF block in which every value is nearly the whole block."""
    size = length - 100
    table = b"".join(struct.pack("<HHLL", tag, 7, size, 50) for tag in range(entries))
    return (b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", entries) + table).ljust(length, b"\0")


def jpeg_with_exif(block: bytes) -> bytes:
    """Return a JPEG with EXIF in several segments and without density, which Pillow then reads from EXIF."""
    data = file_of(gradient(8, 8), "JPEG")
    jfif_end = 4 + 16
    body = block.removeprefix(b"Exif\0\0")
    parts = [body[at : at + 65_000] for at in range(0, len(body), 65_000)]
    segments = b"".join(b"\xff\xe1" + struct.pack(">H", len(part) + 8) + b"Exif\0\0" + part for part in parts)
    return data[:2] + segments + data[jfif_end:]


def rle_bmp(width: int, height: int, run: int, *, grey: bool = False) -> bytes:
    """Return a BMP whose rows are runs of this length, with a black or grey palette."""
    row = (bytes((run, 0)) * (width // run) + b"\0\0") * height
    pixels = row + b"\0\1"
    palette = b"".join(bytes((shade, shade, shade, 0)) if grey else bytes(4) for shade in range(256))
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return (
        struct.pack("<2sIII", b"BM", 54 + len(palette) + len(pixels), 0, 54 + len(palette))
        + info
        + palette
        + pixels
    )


def gif_frames(canvas: tuple[int, int], frames: int) -> bytes:
    """Return a GIF of frames of one pixel on a canvas of this size."""
    each = b"".join(files.gif_frame((0, 0, 1, 1), number % 3) for number in range(3))
    return files.gif(canvas, [(0, 0, 0), (200, 0, 0), (0, 200, 0)], each * (frames // 3))


def gif_of_stray_bytes(length: int) -> bytes:
    """Return a GIF with stray bytes between its blocks."""
    data = files.gif((1, 1), [(0, 0, 0)])
    return data[:-1] + b"\x01" * length + files.gif_frame((0, 0, 1, 1), 0) + b";"


def gif_of_sub_blocks(length: int) -> bytes:
    """Return a GIF whose first image is followed by sub-blocks of one byte each."""
    first, second = (files.gif_frame((0, 0, 8, 8), colour) for colour in (1, 0))
    return files.gif(
        (8, 8), [(0, 0, 0), (200, 0, 0)], first[:-1], b"\1\1" * (length // 2), b"\0", second, loop=0
    )


def apng_frames(canvas: tuple[int, int], frames: int, *extra: tuple[bytes, bytes]) -> bytes:
    """Return an APNG of frames of one pixel on a canvas of this size, with extra chunks for all of them."""
    first = files.ApngFrame((0, 0, *canvas), (0,))
    others = [files.ApngFrame((0, 0, 1, 1), (number % 250,)) for number in range(frames)]
    return files.apng(canvas, 0, first, *others, extra=extra)


def webp_frames(canvas: tuple[int, int], frames: int) -> bytes:
    """Return an animated WebP of lossless frames of one pixel on a canvas of this size."""
    still = file_of(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    side = [(length - 1).to_bytes(3, "little") for length in canvas]
    body = b"WEBPVP8X" + struct.pack("<II", 10, 0x02) + b"".join(side)
    body += b"ANIM" + struct.pack("<IIH", 6, 0, 0)
    content = bytes(6) + bytes(6) + b"\x0a\0\0\0" + still
    body += (b"ANMF" + struct.pack("<I", len(content)) + content) * frames
    return b"RIFF" + struct.pack("<I", len(body)) + body


class _Bits:
    """A bit stream, least significant bit first."""

    def __init__(self) -> None:
        self._value, self._length, self._bytes = 0, 0, bytearray()

    def put(self, value: int, length: int) -> None:
        self._value |= value << self._length
        self._length += length
        while self._length >= 8:
            self._bytes.append(self._value & 0xFF)
            self._value >>= 8
            self._length -= 8

    def data(self) -> bytes:
        return bytes(self._bytes) + bytes((self._value,))


def webp_of_groups(side: int) -> bytes:
    """Return a lossless WebP with a group of prefix codes per 4 x 4 pixels (RFC 9649, sections 5 and 6)."""
    # No alpha, version 0.
    header = b"\x2f" + struct.pack("<I", (side - 1) << 14 | (side - 1))
    return _webp(_webp_chunk(b"VP8L", header + _stream_of_groups(side)))


def webp_of_alpha_groups(side: int) -> bytes:
    """Return a lossy WebP whose alpha channel is compressed as in `webp_of_groups` (RFC 9649, 2.7.1.2)."""
    lossy = file_of(Image.new("RGB", (side, side)), "WEBP", quality=1)[12:]
    length = (side - 1).to_bytes(3, "little")
    extended = _webp_chunk(b"VP8X", b"\x10\0\0\0" + length + length)
    return _webp(extended, _webp_chunk(b"ALPH", b"\1" + _stream_of_groups(side)), lossy)


def _webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _stream_of_groups(side: int) -> bytes:
    bits = _Bits()
    bits.put(0, 1)  # no transform
    bits.put(0, 1)  # no colour cache
    bits.put(1, 1)  # an entropy image
    bits.put(0, 3)  # of blocks of 4 x 4
    blocks = (side + 3) // 4
    groups = min(65_536, blocks * blocks)
    # The entropy image: green and red hold 8 bits each of the number of a group.
    bits.put(0, 1)  # no colour cache
    for alphabet in ("green", "red", "blue", "alpha", "distance"):
        if alphabet in {"green", "red"}:
            _uniform_code(bits, 280 if alphabet == "green" else 256)
        else:
            _one_symbol(bits)
    for block in range(blocks * blocks):
        number = min(block, groups - 1)
        bits.put(_reverse(number & 0xFF), 8)
        bits.put(_reverse(number >> 8), 8)
    for _ in range(groups):
        for _ in range(5):
            _one_symbol(bits)
    return bits.data()


def _one_symbol(bits: _Bits) -> None:
    """Write a simple code: one symbol, 0, which takes no bits."""
    for value in (1, 0, 0, 0):
        bits.put(value, 1)


def _uniform_code(bits: _Bits, alphabet: int) -> None:
    """Write a code in which each of 256 symbols has 8 bits."""
    bits.put(0, 1)
    order = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8)
    bits.put(len(order) - 4, 4)
    for symbol in order:  # the lengths of the codes for lengths: 8 and 0 have one bit
        bits.put(1 if symbol in {0, 8} else 0, 3)
    bits.put(0, 1)  # all symbols
    for symbol in range(alphabet):
        bits.put(1 if symbol < 256 else 0, 1)


def _reverse(number: int) -> int:
    return int(f"{number:08b}"[::-1], 2)
