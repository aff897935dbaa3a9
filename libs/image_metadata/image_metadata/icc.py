"""ICC profiles: the one kind of embedded data that stays."""

_HEADER_BYTES = 128


def trimmed_profile(profile: bytes) -> bytes | None:
    """The profile without what lies behind its end, or None where it is none: viewers ignore that.

    The header tells the length and bears the signature `acsp` (ICC.1:2022, sections 7.2.2 and 7.2.9).
    """
    size = int.from_bytes(profile[:4])
    if not _HEADER_BYTES < size <= len(profile) or profile[36:40] != b"acsp":
        return None
    return profile[:size]
