"""Mutations are reproducible, and most of them keep the start of the file that parsers check."""

import zlib
from random import Random

import pytest
from image_core import jpeg
from image_core.icc import read_profile

from tests.libs.image_core import files
from tools.fuzz import samples
from tools.fuzz.minimise import minimise
from tools.fuzz.mutate import Mutator, repair, split
from tools.fuzz.profile_mutations import SOUND, mutated_profile, with_profile

MAX_BYTES = 20_000


def backwards(data: bytes, max_bytes: int) -> bytes:
    return data[::-1][:max_bytes]


MUTATOR = Mutator(list(samples.FILES.values()), backwards)
NAMES = ["baseline.jpg", "animated.png", "animated.gif", "animated.webp", "animated.avif", "profile.bmp"]


@pytest.mark.parametrize("name", NAMES)
def test_mutations(name: str) -> None:
    data = samples.FILES[name]
    several = {seed: MUTATOR(data, MAX_BYTES, seed) for seed in range(200)}

    assert several == {seed: MUTATOR(data, MAX_BYTES, seed) for seed in range(200)}
    assert len(set(several.values())) > 60
    assert all(len(mutated) <= MAX_BYTES for mutated in several.values())
    structured = [mutated for mutated in several.values() if mutated[:2] == data[:2]]
    assert len(structured) > 60
    for mutated in structured[:50]:
        assert isinstance(MUTATOR(mutated, MAX_BYTES, 1), bytes)


@pytest.mark.parametrize("data", [b"", b"\x89P", b"GIF89a", b"BM", b"RIFF", b"\xff\xd8", b"text"])
def test_bytes_without_structure_are_mutated_too(data: bytes) -> None:
    assert isinstance(MUTATOR(data, MAX_BYTES, 7), bytes)


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_is_split_and_needs_no_repair(name: str) -> None:
    data = samples.FILES[name].removesuffix(samples.SECRET)
    assert len(split(data)) > 2
    assert b"".join(split(data)) == data
    assert repair(data) == data


def test_checksums_and_lengths_are_repaired() -> None:
    png = samples.file_of(samples.sample_image(), "PNG")
    other = png.replace(b"IHDR\0\0\0\x30", b"IHDR\0\0\0\x31")
    header = split(repair(other))[1]
    assert header[4:12] == b"IHDR\0\0\0\x31"
    assert int.from_bytes(header[-4:]) == zlib.crc32(header[4:-4])
    webp = samples.file_of(samples.sample_image(), "WEBP")
    assert repair(webp + b"more")[4:8] == (len(webp) + 4 - 8).to_bytes(4, "little")


@pytest.mark.parametrize(
    ("data", "left"),
    [(b"..a....b...", b"ab"), (b"ab", b"ab"), (b"a" + bytes(1000) + b"b", b"ab")],
)
def test_minimised(data: bytes, left: bytes) -> None:
    assert minimise(data, lambda other: b"a" in other and b"b" in other) == left


@pytest.mark.parametrize("sound", SOUND, ids=["RGB", "grey", "CMYK", "elements"])
def test_profiles_are_mutated_into_others(sound: bytes) -> None:
    several = [mutated_profile(sound, 50_000, Random(seed)) for seed in range(300)]  # noqa: S311 - variety

    assert several == [mutated_profile(sound, 50_000, Random(seed)) for seed in range(300)]  # noqa: S311
    assert len(set(several)) > 150
    assert all(int.from_bytes(profile[:4]) == len(profile) <= 50_000 for profile in several)
    # Some are still valid, and some refer to the same bytes thousands of times.
    accepted = sum(read_profile(profile) is not None for profile in several)
    assert 10 < accepted < 290
    assert any(b"mpet" in profile and len(profile) > 20_000 for profile in several)


@pytest.mark.parametrize("name", ["animated.png", "animated.webp"])
def test_a_profile_is_put_into_a_file(name: str) -> None:
    data = samples.FILES[name].removesuffix(samples.SECRET)
    assert files.icc_profile_of(repair(with_profile(data, SOUND[0]))) == SOUND[0]


def test_a_profile_is_put_into_a_jpeg_before_its_own() -> None:
    assert jpeg.read(with_profile(samples.FILES["baseline.jpg"], SOUND[0])).icc_profile.startswith(SOUND[0])


@pytest.mark.parametrize("end", range(31))
def test_a_webp_that_ends_within_its_header_stays_as_it_is(end: int) -> None:
    data = samples.FILES["animated.webp"][:end]
    assert (with_profile(data, SOUND[0]) == data) == (end < 30)


def test_minimising_ends_at_its_time_limit() -> None:
    assert minimise(bytes(100), lambda _: True, seconds=-1) == bytes(100)
