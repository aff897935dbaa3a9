"""Files with damage that browsers ignore, each beside a file that shows the same, and files that lack pixels.

Each damaged file is a changed file of `tools.fuzz.samples`, in which every text is `SECRET`.
"""

import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from tools.fuzz import samples
from tools.fuzz.samples import PIECES, PROFILE, SECRET, Pieces, chunk, file_of, sample_image


class Damaged(NamedTuple):
    """A damaged file, and an intact one that looks the same."""

    data: bytes
    like: bytes


def _wrong_sum(piece: bytes) -> bytes:
    return piece[:-1] + bytes([piece[-1] ^ 0x55])


def _map(pieces: Pieces, name: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return the PNG with every chunk of this name changed."""
    return b"".join(change(piece) if piece[4:8] == name else piece for piece in pieces)


def _before(pieces: Pieces, name: bytes, *extra: bytes) -> bytes:
    """Return the PNG with chunks before the first one of this name."""
    at = next(place for place, piece in enumerate(pieces) if piece[4:8] == name)
    return b"".join([*pieces[:at], *extra, *pieces[at:]])


def _without(pieces: Pieces, *names: bytes) -> bytes:
    return b"".join(piece for piece in pieces if piece[4:8] not in names)


def _until(pieces: Pieces, name: bytes) -> bytes:
    """Return the PNG up to and including the last chunk of this name."""
    at = max(place for place, piece in enumerate(pieces) if piece[4:8] == name)
    return b"".join(pieces[: at + 1])


def _first(data: bytes) -> bytes:
    """Return the default image of an APNG, which viewers without animation display."""
    pieces = samples.split_png(data)
    return _without(pieces, b"acTL", b"fcTL", b"fdAT")


PHOTO, ALPHA, PALETTE = PIECES["photo.png"], PIECES["alpha.png"], PIECES["palette.png"]
GREY, APNG = PIECES["grey-16.png"], PIECES["animated.png"]
SCAN = bytes([0xFF, 0xDA])
HUGE_PROFILE = struct.pack(">L", 17_000_000) + PROFILE[4:].ljust(17_000_000 - 4, b"\0")
LARGE_PROFILE = struct.pack(">L", 1_300_000) + PROFILE[4:].ljust(1_300_000 - 4, b"\0")


def _embed(profile: bytes) -> bytes:
    content = b"icc\0\0" + zlib.compress(profile, 9)
    return _map(PHOTO, b"iCCP", lambda _: chunk(b"iCCP", content))


def _two_idats(pieces: Pieces) -> Pieces:
    """Return the PNG with its pixels in two chunks."""
    result: Pieces = []
    for piece in pieces:
        if piece[4:8] == b"IDAT":
            body = piece[8:-4]
            result += [chunk(b"IDAT", body[:99]), chunk(b"IDAT", body[99:])]
        else:
            result.append(piece)
    return result


def _pngs() -> dict[str, Damaged]:
    photo, alpha, palette, grey, apng = map(b"".join, (PHOTO, ALPHA, PALETTE, GREY, APNG))
    plain = _without(PHOTO, b"iCCP")
    opaque, without_key = _without(PALETTE, b"tRNS"), _without(GREY, b"tRNS")
    pixels_end = len(_until(PHOTO, b"IDAT"))
    files = {
        "wrong sum of a profile": (_map(PHOTO, b"iCCP", _wrong_sum), plain),
        "wrong sum of a text": (_map(PHOTO, b"tEXt", _wrong_sum), photo),
        "wrong sum of EXIF": (_map(PHOTO, b"eXIf", _wrong_sum), photo),
        "wrong sum of a density": (_map(PHOTO, b"pHYs", _wrong_sum), photo),
        "wrong sum of a transparency": (_map(PALETTE, b"tRNS", _wrong_sum), opaque),
        "wrong sum of an end": (_map(PHOTO, b"IEND", _wrong_sum), photo),
        "transparency of RGBA": (_before(ALPHA, b"IDAT", chunk(b"tRNS", bytes(6))), alpha),
        "short transparency of RGBA": (_before(ALPHA, b"IDAT", chunk(b"tRNS", b"\0")), alpha),
        "transparency longer than the palette": (
            _map(PALETTE, b"tRNS", lambda _: chunk(b"tRNS", bytes(17))),
            opaque,
        ),
        "transparency of 300 colours": (
            _map(PALETTE, b"tRNS", lambda _: chunk(b"tRNS", bytes(300))),
            opaque,
        ),
        "no transparency in its chunk": (_map(PALETTE, b"tRNS", lambda _: chunk(b"tRNS", b"")), opaque),
        "long transparency of grey": (
            _map(GREY, b"tRNS", lambda _: chunk(b"tRNS", b"\0\0\0")),
            without_key,
        ),
        "short transparency of grey": (_map(GREY, b"tRNS", lambda _: chunk(b"tRNS", b"\0")), without_key),
        "transparency before the palette": (_before(PALETTE, b"PLTE", chunk(b"tRNS", bytes(4))), palette),
        "two transparencies": (_before(PALETTE, b"IDAT", chunk(b"tRNS", bytes(4))), palette),
        "a palette of grey": (_before(GREY, b"IDAT", chunk(b"PLTE", SECRET[:9])), grey),
        "a profile of 1.3 MB": (_embed(LARGE_PROFILE), plain),
        "a profile of 17 MB": (_embed(HUGE_PROFILE), plain),
        "a profile that is not compressed": (
            _map(PHOTO, b"iCCP", lambda _: chunk(b"iCCP", b"icc\0\0" + PROFILE)),
            plain,
        ),
        "a profile compressed otherwise": (
            _map(PHOTO, b"iCCP", lambda _: chunk(b"iCCP", b"icc\0\1" + zlib.compress(PROFILE))),
            plain,
        ),
        "a profile without a name": (_map(PHOTO, b"iCCP", lambda _: chunk(b"iCCP", b"")), plain),
        "two profiles": (_before(PHOTO, b"IDAT", chunk(b"iCCP", b"icc\0\0" + zlib.compress(SECRET))), photo),
        "a profile behind the pixels": (
            _before(samples.split_png(plain), b"IEND", chunk(b"iCCP", b"icc\0\0" + zlib.compress(PROFILE))),
            plain,
        ),
        "short colour chunks": (
            _before(PHOTO, b"IDAT", chunk(b"gAMA", b"\1"), chunk(b"cHRM", b"\1"), chunk(b"sRGB", b"")),
            photo,
        ),
        "long colour chunks": (
            _before(PHOTO, b"IDAT", chunk(b"gAMA", SECRET), chunk(b"cICP", SECRET), chunk(b"pHYs", SECRET)),
            photo,
        ),
        "no end": (photo[:pixels_end], photo),
        "half an end": (photo[: pixels_end + 6], photo),
        "no end, but a text": (_until(PHOTO, b"tEXt"), photo),
        "cut within a text": (_until(PHOTO, b"tEXt")[:-8], photo),
        "cut within the sum of the pixels": (photo[: pixels_end - 2], photo),
        "cut before the sum of the pixels": (photo[: pixels_end - 4], photo),
        "cut within the sum of their stream": (photo[: pixels_end - 6], photo),
        "cut before the sum of their stream": (photo[: pixels_end - 8], photo),
        "noise instead of an end": (photo[:pixels_end] + SECRET * 9, photo),
        "noise of no chunk name": (photo[:pixels_end] + b"\0\0\0\4\1\2\3\4" + SECRET * 9, photo),
        "zeros instead of an end": (photo[:pixels_end] + bytes(99), photo),
        "animation: no end": (_until(APNG, b"fdAT"), apng),
        "animation: noise instead of an end": (_until(APNG, b"fdAT") + SECRET * 9, apng),
        "animation: wrong sum of a text": (_map(APNG, b"tEXt", _wrong_sum), apng),
        "animation: wrong sum of a profile": (
            _before(APNG, b"IDAT", _wrong_sum(chunk(b"iCCP", b"icc\0\0" + zlib.compress(PROFILE)))),
            apng,
        ),
        "animation: transparency too long": (_before(APNG, b"IDAT", chunk(b"tRNS", bytes(7))), apng),
        "animation: wrong sum of the announcement": (_map(APNG, b"acTL", _wrong_sum), _first(apng)),
        "animation: profile of 1.3 MB": (
            _before(APNG, b"IDAT", chunk(b"iCCP", b"icc\0\0" + zlib.compress(LARGE_PROFILE, 9))),
            apng,
        ),
    }
    return {f"PNG {name}": Damaged(*pair) for name, pair in files.items()}


def _jpeg(name: str) -> tuple[bytes, bytes]:
    """Return the file without its end marker, and the intact file."""
    *pieces, _, _ = PIECES[name]
    return b"".join(pieces), b"".join(PIECES[name])


def _scan_end(name: str) -> tuple[bytes, bytes]:
    """Return the file up to the end of its last scan, and the intact file."""
    pieces = PIECES[name]
    last = max(place for place, piece in enumerate(pieces) if piece[:2] == SCAN)
    return b"".join(pieces[: last + 1]), b"".join(pieces)


def _jpegs() -> dict[str, Damaged]:
    files: dict[str, tuple[bytes, bytes]] = {}
    for name in ("baseline.jpg", "progressive.jpg", "restarts.jpg", "grey.jpg", "cmyk.jpg", "rgb.jpg"):
        cut, whole = _scan_end(name)
        commented, _ = _jpeg(name)
        files |= {
            f"{name} no end": (cut, whole),
            f"{name} half an end": (cut + b"\xff", whole),
            f"{name} no end, but a comment": (commented, whole),
            f"{name} noise instead of an end": (cut + SECRET * 20, whole),
            f"{name} zeros instead of an end": (cut + bytes(99), whole),
            f"{name} restart markers instead of an end": (cut + b"\xff\xd0\xff\xd1", whole),
            f"{name} another file instead of an end": (cut + file_of(sample_image(), "JPEG"), whole),
            f"{name} EXIF instead of an end": (
                cut + samples.segment(0xE1, b"Exif\0\0" + samples.exif()),
                whole,
            ),
            f"{name} cut within a comment": (commented[:-3], whole),
        }
    pieces = [piece for piece in PIECES["baseline.jpg"] if not piece.endswith(b"\xff")]
    # A JPEG begins with the marker of a segment, and noise behind a scan is taken for a part of that.
    scan = next(place for place, piece in enumerate(pieces) if piece[:2] == SCAN)
    noisy = b"".join([*pieces[:2], *(SECRET + piece for piece in pieces[2 : scan + 1]), *pieces[scan + 1 :]])
    files["noise between all segments"] = (noisy, b"".join(pieces))
    return {f"JPEG {name}": Damaged(*pair) for name, pair in files.items()}


def _mpo() -> dict[str, Damaged]:
    one, other = sample_image(), sample_image(shift=90)
    whole = file_of(one, "MPO", save_all=True, append_images=[other])
    second = whole.index(b"\xff\xd8\xff", 4)
    ends = whole.rindex(b"\xff\xd9", 0, second)
    return {
        "MPO no end": Damaged(whole[:-2], whole),
        "MPO no second image": Damaged(whole[:second], whole),
        "MPO half a second image": Damaged(whole[:-300], whole),
        "MPO no end of the first image": Damaged(whole[:ends] + whole[second:], whole),
    }


def _gifs() -> dict[str, Damaged]:
    files: dict[str, tuple[bytes, bytes]] = {}
    for name in ("still.gif", "animated.gif", "transparent.gif"):
        pieces = PIECES[name]
        last = max(place for place, piece in enumerate(pieces) if piece[:1] == b",")
        whole, cut = b"".join(pieces), b"".join(pieces[: last + 1])
        files |= {
            f"{name} no trailer": (cut, whole),
            f"{name} no trailer, but a comment": (cut + b"\x21\xfe" + samples.sub_blocks(SECRET), whole),
            f"{name} zeros instead of a trailer": (cut + bytes(9), whole),
            f"{name} noise instead of a trailer": (cut + SECRET * 9, whole),
            f"{name} no end of the last frame": (cut[:-1], whole),
            f"{name} noise between blocks": (b"\0\1Z".join(pieces[:-1]) + b";", whole),
        }
    return {f"GIF {name}": Damaged(*pair) for name, pair in files.items()}


def _set_length(data: bytes, change: int) -> bytes:
    """Return the WebP with another length in its header."""
    return data[:4] + struct.pack("<L", int.from_bytes(data[4:8], "little") + change) + data[8:]


def _webp_file(pieces: Pieces) -> bytes:
    """Return the file without bytes after its end."""
    return samples.webp_file(pieces).removesuffix(SECRET)


def _webps() -> dict[str, Damaged]:
    files: dict[str, tuple[bytes, bytes]] = {}
    for name in ("lossy.webp", "lossless.webp", "alpha.webp", "animated.webp"):
        pieces = PIECES[name]
        whole = _webp_file(pieces)
        last = max(n for n, piece in enumerate(pieces) if piece[:4] in {b"VP8 ", b"VP8L", b"ANMF"})
        body = int.from_bytes(pieces[last][4:8], "little")
        cut = _webp_file(pieces[: last + 1])
        files |= {
            f"{name} too long a length": (_set_length(whole, 99), whole),
            f"{name} endless": (whole[:4] + b"\xff" * 4 + whole[8:], whole),
            f"{name} a length without what follows the pixels": (
                _set_length(whole, len(cut) - len(whole)),
                whole,
            ),
            f"{name} cut within EXIF": (whole[: len(cut) + 99], whole),
            f"{name} cut within a header": (whole[: len(cut) + 5], whole),
            f"{name} cut behind the pixels": (whole[: len(cut)], whole),
            f"{name} no padding": (whole[: len(cut) - body % 2], whole),
            f"{name} EXIF first": (
                _webp_file([pieces[0], samples.riff(b"EXIF", SECRET), *pieces[1:]]),
                whole,
            ),
            f"{name} noise behind": (whole + SECRET, whole),
        }
    bare = file_of(sample_image(), "WEBP")
    files["bare too long a length"] = (_set_length(bare, 7), bare)
    return {f"WebP {name}": Damaged(*pair) for name, pair in files.items()}


def _bmps() -> dict[str, Damaged]:
    odd = {
        "24 bits": file_of(sample_image().resize((47, 31)), "BMP"),
        "palette": file_of(sample_image("P").resize((46, 31)), "BMP"),
        "1 bit": file_of(sample_image("1").resize((41, 31)), "BMP"),
    }
    return {
        f"BMP {name} without the padding of the last row": Damaged(data[:-1], data)
        for name, data in odd.items()
    } | {
        "BMP 24 bits wrong length of the file": Damaged(
            odd["24 bits"][:2] + b"\1\0\0\0" + odd["24 bits"][6:], odd["24 bits"]
        ),
        "BMP 24 bits with noise behind": Damaged(odd["24 bits"] + SECRET, odd["24 bits"]),
    }


TOLERATED = {**_pngs(), **_jpegs(), **_mpo(), **_gifs(), **_webps(), **_bmps()}
"""Damage that browsers ignore: no pixel is missing."""


def _truncate() -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name in ("photo.png", "palette.png", "animated.png"):
        cut = _until(PIECES[name], b"fdAT" if name == "animated.png" else b"IDAT")
        files |= {f"{name} -{missing}": cut[:-missing] for missing in (30, 100, 200)}
    flat = file_of(Image.new("RGB", (640, 480), (200, 20, 20)), "JPEG")
    for name, data in {
        **{name: _scan_end(name)[0] for name in ("baseline.jpg", "restarts.jpg", "grey.jpg", "cmyk.jpg")},
        "progressive.jpg": _scan_end("progressive.jpg")[0],
        "flat.jpg": flat[:-2],
    }.items():
        # Two bytes of a progressive file may be bits that change no pixel.
        files |= {f"{name} -{missing}": data[:-missing] for missing in (3, 10, 50, 200)}
        files[f"{name} -50, but noise"] = data[:-50] + SECRET
    pieces = PIECES["progressive.jpg"]
    scans = [place for place, piece in enumerate(pieces) if piece[:2] == SCAN]
    files |= {f"progressive.jpg {n} scans": b"".join(pieces[: scans[n]]) for n in range(1, len(scans))}
    for name in ("still.gif", "animated.gif"):
        cut = b"".join(PIECES[name])
        cut = cut[: cut.rindex(b"\x21\xfe")]
        files |= {f"{name} -{missing}": cut[:-missing] for missing in (30, 100)}
    for name in ("lossy.webp", "lossless.webp", "animated.webp"):
        pieces = PIECES[name]
        last = max(n for n, piece in enumerate(pieces) if piece[:4] in {b"VP8 ", b"VP8L", b"ANMF"})
        cut = _webp_file(pieces[: last + 1])
        files |= {f"{name} -{missing}": cut[:-missing] for missing in (50, 100)}
    whole = file_of(sample_image(), "BMP")
    files |= {f"BMP -{missing}": whole[:-missing] for missing in (1, 3, 300)}
    return files


def _wrong() -> dict[str, bytes]:
    """Return PNGs with a wrong checksum of a critical chunk, and with a damaged frame of an animation."""
    return {
        "wrong sum of the header": _map(PHOTO, b"IHDR", _wrong_sum),
        "wrong sum of the pixels": _map(PHOTO, b"IDAT", _wrong_sum),
        "wrong sum of the first pixels": _map(_two_idats(PHOTO), b"IDAT", _wrong_sum),
        "wrong sum of the palette": _map(PALETTE, b"PLTE", _wrong_sum),
        "wrong sum of the frames": _map(APNG, b"fdAT", _wrong_sum),
        "wrong sum of a frame control": _map(APNG, b"fcTL", _wrong_sum),
    }


REFUSED = {**_truncate(), **_wrong()}
"""Files with missing or wrong pixels."""
