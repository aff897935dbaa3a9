"""Summary of many measurements in a few ratios."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

type Case = tuple[str, str, str]
"""Name of a photograph, name of a size, output format."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Result of one side for one case.

    Attributes:
        cpu_ms: shortest processor time of the runs, in milliseconds.
        size_bytes: size of the file, interpolated if no quality has exactly the SSIM.
        ssim: similarity to the reference; 1 is identical.
        quality: on the scale of the side.
    """

    cpu_ms: float
    size_bytes: float
    ssim: float
    quality: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A side compared with another one: each value is that of the first side relative to the second.

    Attributes:
        time: geometric mean of the ratios of processor time; below 1 the first side is faster.
        size: geometric mean of the ratios of file size; below 1 the files of the first side are smaller.
        ssim_mean: mean difference of SSIM; above 0 the first side is more similar to the original.
        ssim_worst: smallest difference of SSIM over the cases.
    """

    time: float
    size: float
    ssim_mean: float
    ssim_worst: float


def geometric_mean(ratios: Iterable[float]) -> float:
    """Return the geometric mean, for which "half" and "twice" cancel out.

    Raises:
        ValueError: there are no ratios, or one is not positive.
    """
    logarithms = [math.log(ratio) for ratio in ratios]
    if not logarithms:
        raise ValueError("no ratios")
    return math.exp(statistics.fmean(logarithms))


def compare(side: dict[Case, Measurement], to: dict[Case, Measurement], cases: Sequence[Case]) -> Comparison:
    """Compare a side to another one over the given cases.

    Raises:
        KeyError: a side has no measurement of a case.
        ValueError: there are no cases.
    """
    pairs = [(side[case], to[case]) for case in cases]
    differences = [ours.ssim - theirs.ssim for ours, theirs in pairs]
    return Comparison(
        time=geometric_mean(ours.cpu_ms / theirs.cpu_ms for ours, theirs in pairs),
        size=geometric_mean(ours.size_bytes / theirs.size_bytes for ours, theirs in pairs),
        ssim_mean=statistics.fmean(differences),
        ssim_worst=min(differences),
    )
