"""The header of an ICC profile (ICC.1:2022, section 7.2)."""

HEADER_BYTES = 128
SIGNATURE = b"acsp"  # 7.2.9

MAX_PROFILE_BYTES = 16 * 2**20
"""The longest profile that a JPEG can carry, in 255 segments (annex B.4). Printers need 2 to 4 MB."""


def is_profile(profile: bytes) -> bool:
    """Return True if the bytes have the header of a profile."""
    return len(profile) > HEADER_BYTES and profile[36:40] == SIGNATURE


def trim_profile(profile: bytes) -> bytes | None:
    """Return the profile up to the length in its header (7.2.2); None for an incomplete one.

    Viewers ignore whatever follows.
    """
    size = int.from_bytes(profile[:4])
    return profile[:size] if HEADER_BYTES < size <= len(profile) and is_profile(profile) else None
