"""Files that Pillow does not write, built byte by byte."""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from tools.fuzz import samples

ADOBE_CMYK, ADOBE_YCCK = 0, 2
SRGB = samples.PROFILE


def png(
    size: tuple[int, int], depth: int, colour_type: int, rows: bytes, *extra: tuple[bytes, bytes]
) -> bytes:
    """Return a PNG with unfiltered rows and extra chunks before them."""
    width, height = size
    stride = len(rows) // height
    filtered = b"".join(b"\0" + rows[at : at + stride] for at in range(0, len(rows), stride))
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(filtered)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


def png_chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk with its length and checksum."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


class ApngFrame(NamedTuple):
    """A frame of one colour. The box is left, top, width and height."""

    box: tuple[int, int, int, int]
    colour: tuple[int, ...]
    disposal: int = 0
    blend_over: bool = False


def apng(
    canvas: tuple[int, int],
    colour_type: int,
    *frames: ApngFrame,
    loop_count: int = 0,
    extra: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """Return an APNG with 8 bits per sample, each frame displayed for 100 ms."""
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", *canvas, 8, colour_type, 0, 0, 0)),
        (b"acTL", struct.pack(">II", len(frames), loop_count)),
        *extra,
    ]
    number = 0
    for frame in frames:
        left, top, width, height = frame.box
        fields = (number, width, height, left, top, 1, 10, frame.disposal, frame.blend_over)
        chunks.append((b"fcTL", struct.pack(">IIIIIHHBB", *fields)))
        number += 1
        pixels = zlib.compress((b"\0" + bytes(frame.colour) * width) * height)
        if frame is frames[0]:
            chunks.append((b"IDAT", pixels))
        else:
            chunks.append((b"fdAT", struct.pack(">I", number) + pixels))
            number += 1
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in [*chunks, (b"IEND", b"")])


def with_right_check_sums(data: bytes) -> bytes:
    """Return the PNG with valid checksums."""
    result, at = data[:8], 8
    while at < len(data):
        length = int.from_bytes(data[at : at + 4])
        result += png_chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length])
        at += length + 12
    return result


def with_png_chunk(data: bytes, name: bytes, content: bytes, before: bytes) -> bytes:
    """Return the PNG with an additional chunk before the first one of this name."""
    at = data.index(before) - 4
    return data[:at] + png_chunk(name, content) + data[at:]


def with_jpeg_segment(data: bytes, code: int, payload: bytes) -> bytes:
    """Return the JPEG with an additional segment at the start."""
    return data[:2] + struct.pack(">BBH", 0xFF, code, len(payload) + 2) + payload + data[2:]


def with_adobe_transform(data: bytes, transform: int | None) -> bytes:
    """Return the JPEG with another Adobe segment, or without one."""
    at = data.index(b"\xff\xee\0\x0eAdobe")
    if transform is None:
        return data[:at] + data[at + 16 :]
    return data[: at + 15] + bytes([transform]) + data[at + 16 :]


def with_webp_chunk(data: bytes, name: bytes, content: bytes) -> bytes:
    """Return the WebP with an additional chunk at its end."""
    body = data[8:] + name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp_with_alpha(image: Image.Image) -> bytes:
    """Return a BMP with a BITMAPV4HEADER and its rows from the top."""
    pixels = image.tobytes("raw", "BGRA")
    width, height = image.size
    info = struct.pack("<IiiHHIIiiII", 108, width, -height, 1, 32, 3, len(pixels), 0, 0, 0, 0)
    masks = struct.pack("<IIIII", 0xFF0000, 0xFF00, 0xFF, 0xFF000000, 0x73524742)
    return struct.pack("<2sIII", b"BM", 122 + len(pixels), 0, 122) + info + masks + bytes(48) + pixels


def gif(
    canvas: tuple[int, int], colours: list[tuple[int, int, int]], *blocks: bytes, loop: int | None = None
) -> bytes:
    """Return a GIF with one colour table for all frames."""
    table = b"".join(map(bytes, colours)).ljust(3 * 128, b"\0")
    netscape = b"" if loop is None else b"!\xff\x0bNETSCAPE2.0\3\1" + struct.pack("<H", loop) + b"\0"
    return b"GIF89a" + struct.pack("<HHBBB", *canvas, 0xF6, 0, 0) + table + netscape + b"".join(blocks) + b";"


def gif_frame(
    box: tuple[int, int, int, int],
    colour: int,
    *,
    disposal: int = 0,
    clear: int | None = None,
    grey: bool = False,
) -> bytes:
    """Return a frame of one colour, displayed for 100 ms.

    A clear code (128) before every 100 codes keeps them 8 bits wide, so that no LZW encoder is needed.

    Args:
        box: left, top, width and height in pixels.
        colour: index in the colour table.
        disposal: disposal method, 0 to 3.
        clear: index of the transparent colour; None if there is none.
        grey: give the frame a colour table of its own, with 128 shades from black.
    """
    packed = disposal << 2 | (clear is not None)
    control = b"!\xf9" + struct.pack("<BBHBB", 4, packed, 10, clear or 0, 0)
    area = box[2] * box[3]
    runs = [min(100, area - done) for done in range(0, area, 100)]
    codes = b"".join(b"\x80" + bytes([colour]) * run for run in runs) + b"\x81"
    blocks = [codes[at : at + 255] for at in range(0, len(codes), 255)]
    table = b"".join(bytes([shade] * 3) for shade in range(128)) if grey else b""
    body = b"".join(bytes([len(block)]) + block for block in blocks)
    return control + struct.pack("<B4HB", 0x2C, *box, 0x86 if grey else 0) + table + b"\7" + body + b"\0"


def grey_profile(gamma: float) -> bytes:
    """Return a grey ICC profile with this gamma (ICC.1:2022: white point, curve, name, copyright)."""
    text = "".join(chr(0) + c for c in "grey").encode("latin-1")
    record = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(text), 28) + text
    tags = {
        b"wtpt": struct.pack(">4sIiii", b"XYZ ", 0, 0xF6D6, 0x10000, 0xD32D),
        b"kTRC": struct.pack(">4sIIH2x", b"curv", 0, 1, round(gamma * 256)),
        b"desc": record,
        b"cprt": record,
    }
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, offset + len(body), len(content))
        body += content
    size = offset + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x04200000, b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    header += struct.pack(">iii", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def icc_profile_of(data: bytes) -> bytes | None:
    """Return the ICC profile in a file."""
    with Image.open(BytesIO(data)) as image:
        found: bytes | None = image.info.get("icc_profile")
    return found
