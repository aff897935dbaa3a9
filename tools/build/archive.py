"""Reproducible zip archives: their bytes depend on names and contents alone."""

import stat
import struct
from collections.abc import Mapping
from zlib import crc32

import deflate

# APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")

_VERSION = 20  # 2.0 has deflate and folders
_UNIX = 3 << 8  # file modes are those of Unix
_UTF8_NAMES = 1 << 11
_STORED, _DEFLATED = 0, 8
_MIDNIGHT, _FIRST_DAY = 0, 1 << 5 | 1  # 1980-01-01, the earliest date of the format
_LEVEL = 9


def pack(files: Mapping[str, bytes]) -> bytes:
    """Pack files, by path in the archive: sorted, with fixed times and with modes by kind of file.

    libdeflate compresses, in the version of requirements-dev.txt. The output of Python's own zlib module
    would depend on the zlib of the system, and without compression a zip with Pillow would be three times
    as large.
    """
    body, directory = bytearray(), bytearray()
    for path, content in sorted(files.items()):
        name = path.encode()
        method, packed = _compress(content)
        common = (
            _UTF8_NAMES,
            method,
            _MIDNIGHT,
            _FIRST_DAY,
            crc32(content),
            len(packed),
            len(content),
            len(name),
        )
        attributes = (stat.S_IFREG | _mode(path)) << 16
        offset = len(body)
        directory += (
            _CENTRAL.pack(b"PK\1\2", _UNIX | _VERSION, _VERSION, *common, 0, 0, 0, 0, attributes, offset)
            + name
        )
        body += _LOCAL.pack(b"PK\3\4", _VERSION, *common, 0) + name + packed
    end = _END.pack(b"PK\5\6", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return bytes(body + directory + end)


def _compress(content: bytes) -> tuple[int, bytes]:
    packed = bytes(deflate.deflate_compress(content, _LEVEL))
    return (_DEFLATED, packed) if len(packed) < len(content) else (_STORED, content)


def _mode(path: str) -> int:
    return 0o755 if ".so" in path.rpartition("/")[2] else 0o644
