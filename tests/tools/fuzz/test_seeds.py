"""The seeds of the fuzzer."""

from collections import Counter
from pathlib import Path

from tools.fuzz.mutate import split
from tools.fuzz.seeds import seeds
from tools.fuzz.targets import TARGETS

PROJECT = Path(__file__).parents[3]


def test_seeds_are_short_whole_and_of_every_format() -> None:
    files = list(seeds(PROJECT))

    kinds = Counter(data[:2] for data in files)
    assert min(kinds[start] for start in (b"\xff\xd8", b"\x89P", b"GI", b"BM", b"RI", b"\0\0")) >= 4
    assert max(map(len, files)) < 20_000
    # Files of former findings may be anything.
    assert sum(len(split(data)) > 1 for data in files) > 0.9 * len(files)
    for check, *_ in TARGETS.values():
        assert Counter(check(data) for data in files)["image"] > 0.9 * len(files)


def test_seeds_are_the_same_each_time() -> None:
    assert list(seeds(PROJECT)) == list(seeds(PROJECT))
