"""The chunks of a WebP that are kept, and the flags in the first one."""

import pytest
from image_metadata import clean

from tools.fuzz import samples
from tools.fuzz.oracles import render

SIMPLE = samples.file_of(samples.sample_image(), "WEBP")
FEATURES, *REST = samples.split_riff(
    samples.file_of(samples.sample_image(), "WEBP", icc_profile=samples.PROFILE, exif=samples.exif())[12:]
)
ANIMATED = samples.split_riff(samples.animated("WEBP", "RGBA")[12:])


def file(*chunks: bytes) -> bytes:
    return samples.webp_file(chunks).removesuffix(samples.SECRET)


def features(flags: int, reserved: bytes = bytes(3)) -> bytes:
    return FEATURES[:8] + bytes([flags]) + reserved + FEATURES[12:]


def test_the_flags_match_the_kept_chunks() -> None:
    profile, image = REST[0], REST[1]
    assert FEATURES[8] == 0x28
    assert clean(file(FEATURES, *REST)).data == file(features(0x20), profile, image)
    assert clean(file(features(0xFF & ~0x02, samples.SECRET[:3]), *REST)).data == file(
        features(0x30), profile, image
    )


def test_a_profile_without_its_flag_is_dropped() -> None:
    assert clean(file(features(0), *REST)).data == file(features(0), REST[1])


def test_chunks_behind_a_simple_image_are_dropped() -> None:
    (image,) = samples.split_riff(SIMPLE[12:])
    secret = samples.riff(b"PRVT", samples.SECRET)
    assert clean(file(image, secret, REST[0])).data == SIMPLE
    assert clean(SIMPLE).data == SIMPLE


def test_padding_is_zero() -> None:
    start, image = SIMPLE[12:20], SIMPLE[20:]
    odd = b"VP8 " + (len(image) + 1).to_bytes(4, "little") + image + b"\0"
    assert clean(file(odd + b"?")).data == file(odd + b"\0")
    assert start[:4] == b"VP8 "


def test_data_behind_the_controls_of_an_animation_are_dropped() -> None:
    control = next(chunk for chunk in ANIMATED if chunk[:4] == b"ANIM")
    longer = [
        samples.riff(b"ANIM", control[8:] + samples.SECRET) if chunk is control else chunk
        for chunk in ANIMATED
    ]
    assert clean(file(*longer)).data == file(*ANIMATED)
    assert clean(file(*ANIMATED)).data == file(*ANIMATED)


@pytest.mark.parametrize("behind", [b"", b"\0", samples.SECRET[:7]])
def test_trailing_bytes_that_are_no_chunk_are_dropped(behind: bytes) -> None:
    assert clean(file(FEATURES, *REST, behind)).data == clean(file(FEATURES, *REST)).data


def test_an_alpha_chunk_is_kept_for_lossy_images_only() -> None:
    alpha = samples.split_riff(samples.file_of(samples.sample_image("RGBA"), "WEBP")[12:])
    lossless = samples.split_riff(samples.file_of(samples.sample_image("RGBA"), "WEBP", lossless=True)[12:])
    assert [chunk[:4] for chunk in alpha] == [b"VP8X", b"ALPH", b"VP8 "]
    assert clean(file(*alpha)).data == file(*alpha)
    assert clean(file(alpha[0], alpha[1], *lossless)).data == file(alpha[0], *lossless)
    assert render(file(*alpha)) != render(file(alpha[0], alpha[2]))
