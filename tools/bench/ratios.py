"""Many measurements as few ratios."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

type Case = tuple[str, str, str]
"""A photograph's name, a size's name and an output format."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a side made of one case.

    Attributes:
        cpu_ms: median processor time of the runs.
        length: bytes of the file.
        ssim: likeness to the reference, 1 at best.
    """

    cpu_ms: float
    length: int
    ssim: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A side against another: geometric means of the ratios, and differences of SSIM."""

    time: float
    length: float
    ssim_mean: float
    ssim_worst: float
    cases: int


def geometric_mean(ratios: Iterable[float]) -> float:
    """The mean that does not depend on which side is the measure.

    Raises:
        ValueError: none, or one that is not positive.
    """
    logarithms = [math.log(ratio) for ratio in ratios]
    if not logarithms:
        raise ValueError("no ratios")
    return math.exp(statistics.fmean(logarithms))


def compare(side: dict[Case, Made], to: dict[Case, Made], cases: Sequence[Case]) -> Comparison:
    """One side against another, over the cases given.

    Raises:
        KeyError: a side lacks a case.
        ValueError: no cases.
    """
    pairs = [(side[case], to[case]) for case in cases]
    differences = [ours.ssim - theirs.ssim for ours, theirs in pairs]
    return Comparison(
        time=geometric_mean(ours.cpu_ms / theirs.cpu_ms for ours, theirs in pairs),
        length=geometric_mean(ours.length / theirs.length for ours, theirs in pairs),
        ssim_mean=statistics.fmean(differences),
        ssim_worst=min(differences),
        cases=len(pairs),
    )
