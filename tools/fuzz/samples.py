"""Sample files: small images of every kind, full of metadata. Every text in them is `SECRET`.

Each file is a list of pieces (segments, chunks or blocks), which tests and mutations can rearrange.
"""

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from tools.fuzz import tiff

SECRET = b"Secret7f3a"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:source="' + SECRET + b'"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
_MADE_NOW = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# The date in its header (ICC.1:2022, 7.2.8) must not make other files of the same tests.
PROFILE = _MADE_NOW[:24] + struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + _MADE_NOW[36:]
# Too big for one segment of a JPEG.
BIG_PROFILE = struct.pack(">L", 70_000) + PROFILE[4:].ljust(70_000 - 4, b"\0")

type Pieces = list[bytes]


def sample_image(mode: str = "RGB", shift: int = 0) -> Image.Image:
    """Return an image of 48 x 32 pixels with no two equal rows."""
    y, x = np.mgrid[0:32, 0:48]
    planes = [x * 5 + shift, y * 8, (x * y + shift) % 256, 255 - x * 3]
    image = Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8), "RGBA")
    return image.convert("RGB").quantize(16) if mode == "P" else image.convert(mode)


def file_of(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format=file_format, **options)
    return buffer.getvalue()


def frames(mode: str = "RGB") -> list[Image.Image]:
    return [sample_image(mode, shift) for shift in (20, 40)]


def exif() -> bytes:
    """Return EXIF data with every section, a maker note and a thumbnail. The orientation is 1."""
    return tiff.block(
        [tiff.text(0x010F, SECRET), tiff.orientation(1)],
        exif=[tiff.text(0x9003, SECRET), (0x927C, tiff.UNDEFINED, len(SECRET), SECRET)],
        gps=[tiff.text(0x001D, SECRET)],
        interop=[tiff.text(0x0001, b"R98")],
        first=[(0x0103, tiff.SHORT, 1, b"\6\0")],
        thumbnail=file_of(sample_image(), "JPEG", comment=SECRET),
    )


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def resource(number: int, content: bytes) -> bytes:
    """Return an image resource of Photoshop."""
    return b"8BIM" + struct.pack(">HxxL", number, len(content)) + content + b"\0" * (len(content) % 2)


def split_jpeg(data: bytes) -> Pieces:
    """Return the segments of a JPEG without stray bytes, each scan with its coded data."""
    pieces, at = [data[:2]], 2
    while data[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        if data[at + 1] == 0xDA:
            while data[end] != 0xFF or data[end + 1] in {0, 0xFF, *range(0xD0, 0xD8)}:
                end += 1
        pieces.append(data[at:end])
        at = end
    return [*pieces, data[at:]]


def jpeg(data: bytes) -> Pieces:
    start, *rest, end = split_jpeg(data)
    thumbnail = SECRET.ljust(12, b".")
    photoshop = resource(0x0404, b"\x1c\2\x78\0\x0a" + SECRET) + resource(0x040C, bytes(28) + SECRET)
    extended = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32
    jfif = [segment(0xE0, piece[4:16] + b"\2\2" + thumbnail) for piece in rest if piece[1] == 0xE0]
    before = [
        *jfif,
        segment(0xE0, b"JFXX\0\x10" + file_of(sample_image(), "JPEG", comment=SECRET)),
        segment(0xE1, b"Exif\0\0" + exif()),
        segment(0xE1, b"Exif\0\0" + exif()),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xE1, extended + struct.pack(">LL", 2 * len(XMP), 0) + XMP),
        segment(0xE1, extended + struct.pack(">LL", 2 * len(XMP), len(XMP)) + XMP),
        segment(0xE2, b"MPF\0" + SECRET),
        segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + SECRET),
        segment(0xE2, b"FPXR\0" + SECRET),
        segment(0xEB, b"JP\0\1" + SECRET),
        segment(0xEC, b"Ducky" + SECRET),
        segment(0xED, b"Photoshop 3.0\0" + photoshop),
        segment(0xEF, SECRET),
        segment(0xFE, SECRET),
        b"\0" + SECRET + b"\xff\xff",
    ]
    inside: Pieces = []
    for piece in rest:
        match piece[1]:
            case 0xE0:
                pass
            case 0xEE:
                inside.append(segment(0xEE, piece[4:] + SECRET))
            case 0xDA:
                inside += [piece, segment(0xFE, SECRET)]
            case _:
                inside.append(piece)
    trailer = SECRET + b"\xff\xd8\xff\xe1" + file_of(sample_image(), "JPEG", comment=SECRET) + SECRET
    return [start, *before, *inside, end, trailer]


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def split_png(data: bytes) -> Pieces:
    pieces, at = [data[:8]], 8
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        pieces.append(data[at:end])
        at = end
    return pieces


def png(data: bytes) -> Pieces:
    signature, header, *rest = split_png(data)
    texts = [
        chunk(b"tEXt", b"Comment\0" + SECRET),
        chunk(b"zTXt", b"Author\0\0" + zlib.compress(SECRET, 0)),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
        chunk(b"iTXt", b"Title\0\1\0de\0Titel\0" + zlib.compress(SECRET, 0)),
        chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(SECRET, 0)),
        chunk(b"tIME", b"\x07\xea\1\1\1\1\1"),
        chunk(b"prVt", SECRET),
        chunk(b"caBX", SECRET),
        chunk(b"sPLT", SECRET + b"\0\x08" + b"\1\2\3\4\5\6"),
        chunk(b"dSIG", SECRET),
    ]
    # Pillow, unlike browsers, applies or rejects other colour chunks of a wrong length.
    wrong = [chunk(b"sBIT", SECRET), chunk(b"bKGD", SECRET)]
    pixels = next(place for place, piece in enumerate(rest) if piece[4:8] == b"IDAT")
    return [
        signature,
        header,
        *wrong,
        *texts,
        chunk(b"eXIf", exif()),
        *rest[:pixels],
        *texts,
        *rest[pixels:-1],
        *texts,
        chunk(b"IEND", SECRET),
        SECRET,
    ]


def sub_blocks(content: bytes) -> bytes:
    return bytes([len(content)]) + content + b"\0"


PLAIN_TEXT = b"\x21\x01" + bytes([12]) + bytes(12) + sub_blocks(SECRET)


def split_gif(data: bytes) -> Pieces:
    """Return the header, the extensions, the images and the trailer of a GIF."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    pieces = [data[:at]]
    while data[at] != 0x3B:
        end = at + 2
        if data[at] == 0x2C:
            end = at + 11 + (3 << (data[at + 9] & 7) + 1 if data[at + 9] & 0x80 else 0)
        while data[end]:
            end += 1 + data[end]
        pieces.append(data[at : end + 1])
        at = end + 1
    return [*pieces, data[at:]]


def gif(data: bytes) -> Pieces:
    screen, *rest, end = split_gif(data)
    extras = [
        b"\x21\xfe" + sub_blocks(SECRET),
        b"\x21\xff\x0bXMP DataXMP" + XMP + bytes([1, *range(255, -1, -1), 0]),
        b"\x21\xff\x0bMGK8BIM0000" + sub_blocks(SECRET),
        b"\x21\xff\x0bFILTERS1.0 " + sub_blocks(SECRET),
        b"\x21\xff\x0bNETSCAPE2.0" + b"\5\2" + SECRET[:4] + sub_blocks(SECRET),
        b"\x21\x99" + sub_blocks(SECRET),
        PLAIN_TEXT,
    ]
    profile = b"".join(
        bytes([len(PROFILE[at : at + 255])]) + PROFILE[at : at + 255] for at in range(0, len(PROFILE), 255)
    )
    return [screen, *extras, b"\x21\xff\x0bICCRGBG1012" + profile + b"\0", *rest, *extras, end, SECRET]


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<L", len(body)) + body + b"\0" * (len(body) % 2)


def split_riff(data: bytes) -> Pieces:
    pieces, at = [], 0
    while at < len(data):
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        end += end % 2
        pieces.append(data[at:end])
        at = end
    return pieces


def webp(data: bytes) -> Pieces:
    """Return the chunks of a WebP without the file header, which `webp_file` adds."""
    chunks = split_riff(data[12:])
    if not chunks[0].startswith(b"VP8X"):
        image = Image.open(BytesIO(data))
        canvas = (image.width - 1).to_bytes(3, "little") + (image.height - 1).to_bytes(3, "little")
        flags = 0x10 if image.mode == "RGBA" else 0
        chunks = [riff(b"VP8X", bytes([flags, 0, 0, 0]) + canvas), *chunks]
    features, *rest = chunks
    features = features[:8] + bytes([features[8] | 0x0C]) + SECRET[:3] + features[12:]
    extras = [riff(b"PRVT", SECRET), riff(b"FRGM", SECRET)]
    odd = [
        riff(b"ANMF", piece[8:] + riff(b"PRVT", SECRET)) if piece.startswith(b"ANMF") else piece
        for piece in rest
    ]
    return [
        features,
        *extras,
        *odd,
        *extras,
        riff(b"EXIF", exif()),
        riff(b"XMP ", XMP),
        riff(b"EXIF", SECRET),
    ]


def webp_file(pieces: Sequence[bytes]) -> bytes:
    content = b"WEBP" + b"".join(pieces)
    return b"RIFF" + struct.pack("<L", len(content)) + content + SECRET


# Boxes with boxes in them, and the number of bytes before the first one.
_FIELDS_BYTES = {b"meta": 4, b"iinf": 6, b"iref": 4, b"stsd": 8, b"av01": 78}
_FIELDS_BYTES |= dict.fromkeys((b"iprp", b"ipco", b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"), 0)
_DATED = (b"mvhd", b"tkhd", b"mdhd")


def split_boxes(data: bytes) -> Pieces:
    """Return the boxes of an AVIF: of one with others in it only the start, then the others."""
    pieces, at = [], 0
    while at < len(data):
        end = at + (int.from_bytes(data[at : at + 4]) or len(data))
        inner = at + 8 + _FIELDS_BYTES.get(data[at + 4 : at + 8], end)
        if inner < end:
            pieces += [data[at:inner], *split_boxes(data[inner:end])]
        else:
            pieces.append(data[at:end])
        at = end
    return pieces


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">L", 8 + len(body)) + name + body


def avif(data: bytes) -> Pieces:
    """Return the boxes of an AVIF, and further boxes with metadata behind them.

    A box before the others would change the offsets of the pixels, which count from the start of the file.
    """
    # libavif writes the time into animations.
    dated = [
        piece[:12] + SECRET[:8] * 2 + piece[28:] if piece[4:8] in _DATED else piece
        for piece in split_boxes(data)
    ]
    return [*dated, box(b"free", SECRET), box(b"uuid", bytes(16) + SECRET), SECRET]


def _avif_file(mode: str = "RGB", **options: object) -> bytes:
    """Return an AVIF with EXIF and XMP, in items and also, if it is animated, in tracks."""
    return file_of(
        sample_image(mode),
        "AVIF",
        speed=10,
        max_threads=1,
        exif=exif(),
        xmp=XMP,
        icc_profile=None if mode == "L" else PROFILE,
        **options,
    )


def _avif_animation(mode: str) -> bytes:
    return _avif_file(mode, save_all=True, append_images=frames(mode), duration=[40, 80, 90])


def bmp(data: bytes) -> Pieces:
    (pixels_at,) = struct.unpack_from("<L", data, 10)
    header = b"BM" + data[2:6] + SECRET[:4] + struct.pack("<L", pixels_at + len(SECRET))
    return [header, data[14:54], data[54:pixels_at], SECRET, data[pixels_at:], SECRET]


def bmp_v5(data: bytes, colour_space: bytes, profile: bytes) -> Pieces:
    """Return a BMP with a profile, or with the name of a profile's file, between header and pixels."""
    header, info, palette, *_, pixels, trailer = bmp(data)
    info = struct.pack("<L", 124) + info[4:] + bytes(16) + colour_space + bytes(48)
    gap = SECRET + profile + SECRET
    place = 124 + len(palette) + len(SECRET)
    info += struct.pack("<LLLL", 4, place, len(profile), 0)
    header = header[:10] + struct.pack("<L", 14 + 124 + len(palette) + len(gap))
    return [header, info, palette, gap, pixels, trailer]


def apng(**options: object) -> bytes:
    return file_of(
        sample_image(), "PNG", save_all=True, append_images=frames(), duration=[40, 80, 90], loop=3, **options
    )


def animated(file_format: str, mode: str = "RGB") -> bytes:
    return file_of(
        sample_image(mode),
        file_format,
        save_all=True,
        append_images=frames(mode),
        duration=[40, 80, 90],
        loop=3,
        **({"icc_profile": PROFILE} if file_format == "WEBP" else {}),
    )


_CMYK = Image.merge("CMYK", [sample_image("L", shift) for shift in (0, 10, 20, 30)])
_TRANSPARENT_PALETTE = {"transparency": bytes(range(16))}

PIECES: dict[str, Pieces] = {
    "baseline.jpg": jpeg(file_of(sample_image(), "JPEG", icc_profile=PROFILE)),
    "progressive.jpg": jpeg(file_of(sample_image(), "JPEG", progressive=True, icc_profile=BIG_PROFILE)),
    "restarts.jpg": jpeg(file_of(sample_image(), "JPEG", restart_marker_rows=1, subsampling=0)),
    "grey.jpg": jpeg(file_of(sample_image("L"), "JPEG")),
    "cmyk.jpg": jpeg(file_of(_CMYK, "JPEG")),
    "rgb.jpg": jpeg(file_of(sample_image(), "JPEG", keep_rgb=True)),
    "photo.png": png(file_of(sample_image(), "PNG", icc_profile=PROFILE, dpi=(72, 72))),
    "alpha.png": png(file_of(sample_image("RGBA"), "PNG")),
    "grey-16.png": png(file_of(sample_image("L").convert("I;16"), "PNG", transparency=9)),
    "palette.png": png(file_of(sample_image("P"), "PNG", **_TRANSPARENT_PALETTE)),
    "animated.png": png(apng()),
    "default-image.png": png(apng(default_image=True)),
    "still.gif": gif(file_of(sample_image("P"), "GIF", duration=500)),
    "animated.gif": gif(animated("GIF", "P")),
    "transparent.gif": gif(animated("GIF", "RGBA")),
    "lossy.webp": webp(file_of(sample_image(), "WEBP", icc_profile=PROFILE)),
    "lossless.webp": webp(file_of(sample_image("RGBA"), "WEBP", lossless=True)),
    "alpha.webp": webp(file_of(sample_image("RGBA"), "WEBP")),
    "animated.webp": webp(animated("WEBP", "RGBA")),
    "still.avif": avif(_avif_file()),
    "alpha.avif": avif(_avif_file("RGBA")),
    "grey.avif": avif(_avif_file("L")),
    "animated.avif": avif(_avif_animation("RGB")),
    "animated-alpha.avif": avif(_avif_animation("RGBA")),
    "photo.bmp": bmp(file_of(sample_image(), "BMP")),
    "palette.bmp": bmp(file_of(sample_image("P"), "BMP")),
    "one-bit.bmp": bmp(file_of(sample_image("1"), "BMP")),
    "profile.bmp": bmp_v5(file_of(sample_image(), "BMP"), b"DEBM", PROFILE),
    "linked.bmp": bmp_v5(file_of(sample_image(), "BMP"), b"KNIL", b"C:\\" + SECRET + b".icm\0"),
}


def join(name: str, pieces: Sequence[bytes]) -> bytes:
    return webp_file(pieces) if name.endswith(".webp") else b"".join(pieces)


FILES = {name: join(name, pieces) for name, pieces in PIECES.items()}
