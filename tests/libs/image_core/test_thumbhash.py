"""ThumbHashes, compared with those of the reference implementation in JavaScript for the same pixels."""

import base64
import random
import time

import pytest
from image_core.thumbhash import average_colour, encode_thumbhash

REFERENCE = [
    ((100, 67), 255, "IAgCBYA40DeFupipZbZ2rATZmTCq"),
    ((100, 67), None, "IAiCA4AHWvCVyqkB6E0z+VS3oLhgZck="),
    ((67, 100), 255, "HwgCBQBZWvVWuEkIqZbJY2+KgMH5"),
    ((67, 100), None, "HwiCAwAIK7TICHh+vECg2H96Wne5qow="),
    ((48, 48), 255, "4PcBDwDQyGdaRL53p6zmV4nBlXBZOAUC"),
    ((48, 48), None, "4AeCBQAHwKUeEnnHdwmXdQtVWcBEpmYiOg=="),
    ((16, 3), 255, "4/cFEYjjXwCow8ppkT90P2A="),
    ((16, 3), None, "4+eFEYQYpV+ItIyjTzY+EJE1n5mUhbg="),
    ((1, 20), 255, "ochBMRAIiHeIh4eHCImGDic="),
    ((1, 20), None, "YrjFGRB3CIh3eIgIiXpfaAj3iIeHeHg="),
    ((1, 20), 100, "ocjBMQ5mCIh3eHgIiHdPWAj3iIiIiIg="),
    ((3, 2), 255, "YjZGNZKIeAeGiHeHiJh3cHKQuOmP"),
    ((3, 2), None, "IiaKG4yZq1iAjIdEcJj4jmmYd4iHiAg="),
    ((3, 2), 100, "YjaGE4hmq1igi4dykLjpj3h4iIiHiAg="),
    ((100, 10), 255, "3wcCAYKeWTyHRgaXEChW/rk="),
    ((100, 10), None, "3weCAYAIj3hodGJARsrv68JiT2mem4g="),
    ((9, 4), 0, "AAiCAoAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ((100, 100), 0, "AAiCBQAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="),
]


def noise(size: tuple[int, int], alpha: int | None) -> bytes:
    pixels = bytearray(random.Random(repr(size)).randbytes(4 * size[0] * size[1]))  # noqa: S311 - pixels
    if alpha is not None:
        pixels[3::4] = bytes([alpha]) * (size[0] * size[1])
    return bytes(pixels)


@pytest.mark.parametrize(("size", "alpha", "expected"), REFERENCE)
def test_hashes_are_those_of_the_reference(size: tuple[int, int], alpha: int | None, expected: str) -> None:
    assert base64.b64encode(encode_thumbhash(size, noise(size, alpha))).decode() == expected


def test_one_colour_has_no_varying_terms() -> None:
    """The reference writes rounding errors there, which differ between machines and are not displayed."""
    grey = encode_thumbhash((30, 20), bytes([128, 128, 128, 255]) * 600)
    assert grey[5:] == bytes(len(grey) - 5)


@pytest.mark.parametrize(
    ("rgba", "expected"),
    [
        (bytes([255, 0, 51, 255]), (1, 0, 0.2)),
        (bytes([255, 0, 0, 255, 0, 0, 255, 255]), (0.5, 0, 0.5)),
        (bytes([255, 0, 0, 255, 0, 0, 255, 0]), (1, 0, 0)),
        (bytes([9, 9, 9, 0]), (0, 0, 0)),
    ],
)
def test_transparent_pixels_do_not_count_in_the_average(
    rgba: bytes, expected: tuple[float, float, float]
) -> None:
    assert average_colour(rgba) == pytest.approx(expected)


def test_a_hash_takes_milliseconds(record_property: object) -> None:
    pixels = noise((100, 100), None)
    started = time.process_time()
    encode_thumbhash((100, 100), pixels)
    spent_ms = (time.process_time() - started) * 1000
    assert callable(record_property)
    record_property("measured", f"ThumbHash of 100 x 100 pixels with alpha: {spent_ms:.0f} ms of CPU time")
    assert spent_ms < 1000
