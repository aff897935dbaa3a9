"""The checks of each library. Imported by the processes that fuzz, and by the tests."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from image_core import AutoFormat, Box, Fit, Format, Limits, Options

from tools.fuzz import core_invariants, metadata_invariants

type Check = Callable[[bytes], str]
"""Returns the outcome of a file: `image`, or the name of the error. Any exception is a finding."""

# Small, so that an execution takes a millisecond and not a second.
_LIMITS = Limits(max_pixels=200_000)
_BOX, _LARGE_BOX = Box(width=33, height=20), Box(width=100, height=51)
_CORNER = (1.0, 0.1)

ALL_OPTIONS = [
    Options(box=box, fit=fit, output_format=output, limits=_LIMITS)
    for box, fit in ((_BOX, Fit.INSIDE), (None, Fit.INSIDE), (_BOX, Fit.COVER), (_BOX, Fit.CONTAIN))
    for output in (None, *Format, *AutoFormat)
] + [
    Options(box=_LARGE_BOX, fit=fit, output_format=output, limits=_LIMITS, gravity=_CORNER, enlarge=enlarge)
    for fit, enlarge in ((Fit.COVER, True), *((fit, False) for fit in Fit))
    for output in (None, AutoFormat.AVIF)
]

# More pixels, and a deadline. A check that exceeds the deadline is a finding.
_IN_TIME = Options(box=None, output_format=Format.WEBP, limits=Limits(max_pixels=6_000_000))

_PAGE_SIZES = (Box(width=180, height=180), Box(width=1280, height=720))

TARGETS: Mapping[str, Sequence[Check]] = {
    "image_core": [
        *(partial(core_invariants.check, options=options) for options in ALL_OPTIONS),
        partial(core_invariants.check_in_time, options=_IN_TIME),
    ],
    "image_metadata": [metadata_invariants.check],
}
"""Checks for fuzzing, with small limits."""

AS_DELIVERED: Mapping[str, Sequence[Check]] = {
    "image_core": [
        partial(core_invariants.check, options=Options(box=box, output_format=output))
        for box in _PAGE_SIZES
        for output in (Format.JPEG, Format.WEBP, None)
    ],
    "image_metadata": [metadata_invariants.check],
}
"""Checks for whole files, with the limits and typical sizes of the product."""


def check_one(target: str, data: bytes) -> str:
    """Run one check on a file. The bytes select the check, so that the file alone reproduces a finding."""
    checks = TARGETS[target]
    return checks[zlib.crc32(data) % len(checks)](data)
