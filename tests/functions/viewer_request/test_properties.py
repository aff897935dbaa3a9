"""Properties of the canonical form over random queries."""

import itertools
import json
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_url import derivative_name, parse_derivative_name, parse_query, parse_sizes

from tests.functions.viewer_request.engine import Engine
from tests.vectors import CONFIGURATIONS, viewer_request_configuration

NAMES = ["default", "exif", "named", "small", "unlisted"]
ENGINES = {name: Engine(viewer_request_configuration(CONFIGURATIONS[name])) for name in NAMES}
SIZES = {name: parse_sizes(json.dumps(CONFIGURATIONS[name]["sizes"])) for name in NAMES}

_FORMATS = ["auto", "avif", "webp", "jpeg", "jpg", "png", "gif", "json", "auto-avif", "auto-webp"]
_FITS = ["inside", "cover", "contain", "fill", "crop", "clip", "max", "min", "pad", "scale", "squeeze"]
_COORDINATE = st.floats(0, 1).map(lambda number: f"{number:.4f}")
_SIDE = st.integers(1, 16_383).map(str)
_VALUES = {
    "width": _SIDE,
    "w": _SIDE,
    "height": _SIDE,
    "h": _SIDE,
    "dpr": st.integers(10, 40).map(lambda tenths: f"{tenths / 10}"),
    "fit": st.sampled_from(_FITS),
    "gravity": st.one_of(
        st.sampled_from(["center", "north", "southwest"]),
        st.tuples(_COORDINATE, _COORDINATE).map(",".join),
    ),
    "format": st.sampled_from(_FORMATS),
    "fm": st.sampled_from(_FORMATS),
    "auto": st.just("format"),
    "quality": st.integers(1, 100).map(str),
    "q": st.integers(1, 100).map(str),
    "size": st.sampled_from(["S", "SL", "hero", "icon", "face", "light"]),
    "to_webp": st.sampled_from(["0", "1"]),
    "showExif": st.sampled_from(["true", "FALSE"]),
    "utm_source": st.just("mail"),
}
VALID_PAIRS = st.lists(
    st.sampled_from(list(_VALUES)).flatmap(lambda name: _VALUES[name].map(lambda value: f"{name}={value}")),
    max_size=5,
)
_SAFE_TEXT = st.text(st.characters(codec="ascii", exclude_characters="#?"), max_size=8)
ANY_PAIRS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(list(_VALUES)), _SAFE_TEXT).map("=".join),
        st.tuples(_SAFE_TEXT, _SAFE_TEXT).map("=".join),
    ),
    max_size=4,
)
ACCEPT = st.sampled_from([None, "*/*", "image/webp,*/*", "image/avif,image/webp,*/*;q=0.8", "image/avif;q=0"])
CONFIGURATION = pytest.mark.parametrize("configuration", NAMES)


def _canonicalise(configuration: str, pairs: list[str], accept: str | None) -> tuple[int, str]:
    query = "&".join(pairs)
    return ENGINES[configuration].canonicalise(f"/a.jpg?{query}" if query else "/a.jpg", accept)


@CONFIGURATION
@given(st.one_of(VALID_PAIRS, ANY_PAIRS), ACCEPT)
@settings(max_examples=100)
def test_canonical_queries_are_fixed_points(configuration: str, pairs: list[str], accept: str | None) -> None:
    status, canonical = _canonicalise(configuration, pairs, accept)
    if status == 200:
        assert _canonicalise(configuration, [canonical] if canonical else [], accept) == (200, canonical)


@CONFIGURATION
@given(st.one_of(VALID_PAIRS, ANY_PAIRS), ACCEPT, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_parameters_does_not_matter(
    configuration: str, pairs: list[str], accept: str | None, source: random.Random
) -> None:
    status, canonical = _canonicalise(configuration, pairs, accept)
    shuffled = source.sample(pairs, len(pairs))
    other_status, other_canonical = _canonicalise(configuration, shuffled, accept)
    assert other_status == status
    assert status != 200 or other_canonical == canonical


@CONFIGURATION
@given(st.one_of(VALID_PAIRS, ANY_PAIRS), ACCEPT)
@settings(max_examples=100)
def test_python_accepts_every_canonical_query(
    configuration: str, pairs: list[str], accept: str | None
) -> None:
    status, canonical = _canonicalise(configuration, pairs, accept)
    if status == 200:
        assert canonical == "&".join(sorted(canonical.split("&")))
        options = parse_query(canonical, SIZES[configuration], CONFIGURATIONS[configuration]["quality"])
        assert parse_derivative_name(derivative_name(options, 2)) == (options, 2)


def _closed_set(configuration: str) -> set[str]:
    """Return the canonical queries that need no signature, made from the rules in docs/urls.md."""
    values = CONFIGURATIONS[configuration]
    boxes = [
        "",
        *(f"width={width}" for width in values["widths"]),
        *(f"height={width}" for width in values["widths"]),
        *(f"size={name}" for name in values["sizes"]),
    ]
    formats = ["", *(f"format={each}" for each in _FORMATS if each not in ("json", "jpg"))]
    qualities = ["", *(f"quality={each}" for each in values["qualities"])]
    closed = {"format=json"}
    for parts in itertools.product(boxes, formats, qualities):
        closed.add("&".join(sorted(part for part in parts if part)))
    return closed


def test_unsigned_queries_are_bounded(record_property: Callable[[str, object], None]) -> None:
    closed = _closed_set("unlisted")
    source = random.Random(12)  # noqa: S311  # the same queries in each run
    sides, formats = [*map(str, range(1, 16_384))], _FORMATS
    kinds = {
        "width": sides,
        "h": sides,
        "dpr": ["1", "1.5", "2", "3"],
        "fit": _FITS,
        "gravity": [f"{x / 1000},{y / 1000}" for x in range(0, 1001, 7) for y in range(0, 1001, 7)],
        "format": formats,
        "q": [*map(str, range(1, 101))],
        "size": list(CONFIGURATIONS["unlisted"]["sizes"]),
    }
    accepts = [None, "image/webp", "image/avif,image/webp"]
    found = set()
    served = 0
    for _ in range(10_000):
        names = source.sample(list(kinds), source.randint(1, 3))
        pairs = [f"{name}={source.choice(kinds[name])}" for name in names]
        status, canonical = _canonicalise("unlisted", pairs, source.choice(accepts))
        if status == 200:
            served += 1
            found.add(canonical)
    assert served > 5_000
    assert found <= closed
    record_property(
        "measured",
        f"viewer_request: {served:,} valid of 10,000 random unsigned queries have {len(found):,} cache keys, "
        f"and the closed set has {len(closed):,}",
    )
