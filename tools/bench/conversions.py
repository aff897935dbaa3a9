"""Every way from one format to another, by image_core, sharp and pyvips at equal SSIM."""

import itertools
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from tools.bench.environment import Peers
from tools.bench.images import QUALITY, SIZES, measure_peak, orient_box
from tools.bench.likeness import Trial, find_equal
from tools.bench.originals import ALPHA, ANIMATION, PALETTE, PHOTOGRAPH, Kind, find_originals
from tools.bench.ratios import Case, Measurement
from tools.bench.sides.protocol import Options
from tools.bench.worker import (
    IMAGE_CORE,
    PYVIPS,
    SHARP,
    Similarity,
    Worker,
    list_side_commands,
)
from tools.console import step

OUTPUTS: Mapping[Kind, Sequence[str]] = {
    Kind(content=PHOTOGRAPH, format="JPEG"): ("JPEG", "WEBP", "AVIF"),
    Kind(content=PHOTOGRAPH, format="PNG"): ("PNG", "JPEG", "WEBP", "AVIF"),
    Kind(content=PHOTOGRAPH, format="WEBP"): ("WEBP", "JPEG", "AVIF"),
    Kind(content=PHOTOGRAPH, format="AVIF"): ("AVIF", "JPEG", "WEBP"),
    Kind(content=ALPHA, format="PNG"): ("PNG", "WEBP", "AVIF"),
    Kind(content=ALPHA, format="WEBP"): ("WEBP", "PNG"),
    Kind(content=PALETTE, format="PNG"): ("PNG", "WEBP"),
    Kind(content=ANIMATION, format="GIF"): ("GIF", "WEBP"),
    Kind(content=ANIMATION, format="WEBP"): ("WEBP", "GIF"),
}
"""Formats that a page would ask for, by kind of original."""

BOXES = {ANIMATION: ("XS", "SXS")}
BOXES_ELSE = ("L", "SM")
RUNS = 2
SLOW_MS = 500
"""Transforms that take longer are measured once, when the derivative is made."""

_SIDES = (IMAGE_CORE, SHARP, PYVIPS)
_WITHOUT_QUALITY = ("PNG", "GIF")
_SLOW_OUTPUTS = ("AVIF", "GIF")
_GRAPHICS = (ALPHA, PALETTE)


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """A kind of original, and the format of its derivatives."""

    original: Kind
    output: str


@dataclass(frozen=True, kw_only=True)
class ConversionResult:
    """Results of one conversion.

    Attributes:
        conversion: the conversion.
        originals: names of the files.
        measurements: by side and case.
        peak_mib: growth of the peak memory of a fresh process by the first original, by side.
    """

    conversion: Conversion
    originals: Sequence[str]
    measurements: Mapping[str, Mapping[Case, Measurement]]
    peak_mib: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Derivative:
    """A derivative that one side made: its options, and its size, SSIM and time in a first run."""

    options: Options
    size_bytes: float
    ssim: float
    cpu_ms: float


def measure_conversions(peers: Peers, samples: Path) -> list[ConversionResult]:
    """Measure the conversions whose originals are on this machine.

    Raises:
        ToolError: a side failed.
        CommandError: an original could not be made.
    """
    results = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        with step("originals of the conversions"):
            originals = find_originals(peers, samples, folder)
        commands = {name: command for name, command in list_side_commands(peers).items() if name in _SIDES}
        bench = _Bench(
            commands=commands,
            sides={name: stack.enter_context(Worker(command)) for name, command in commands.items()},
            similarity=stack.enter_context(Similarity(peers)),
            made=folder / "made",
        )
        for kind, outputs in OUTPUTS.items():
            for output in outputs:
                if kind in originals:
                    with step(f"{kind.content}, {kind.format} to {output}"):
                        results.append(
                            bench.measure(Conversion(original=kind, output=output), originals[kind])
                        )
    return results


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """The running sides, and the path of the derivatives that are compared with their originals."""

    commands: Mapping[str, Sequence[str]]
    sides: Mapping[str, Worker]
    similarity: Similarity
    made: Path

    def measure(self, conversion: Conversion, originals: Sequence[Path]) -> ConversionResult:
        found: dict[str, dict[Case, Measurement]] = {name: {} for name in self.sides}
        boxes = BOXES.get(conversion.original.content, BOXES_ELSE)
        start = QUALITY
        for original, box in list_cases(conversion, originals):
            derivatives = self._make_equal(
                conversion, original, self._options(conversion, original, box), start
            )
            times_ms = self._measure_times(original, derivatives)
            for name, derivative in derivatives.items():
                found[name][original.name, box, conversion.output] = Measurement(
                    cpu_ms=times_ms[name],
                    size_bytes=derivative.size_bytes,
                    ssim=derivative.ssim,
                    quality=derivative.options.quality,
                )
                # All peers have the same encoders, and similar images similar qualities.
                start = derivative.options.quality
        return ConversionResult(
            conversion=conversion,
            originals=[path.name for path in originals],
            measurements=found,
            peak_mib={
                name: measure_peak(command, originals[0], self._options(conversion, originals[0], boxes[0]))
                for name, command in self.commands.items()
            },
        )

    def _options(self, conversion: Conversion, original: Path, box: str) -> Options:
        width, height = orient_box(SIZES[box], tall=self.similarity.is_tall(original))
        return Options(
            width=width,
            height=height,
            format=conversion.output,
            quality=QUALITY,
            palette=conversion.original.content == PALETTE and conversion.output == "PNG",
            animated=conversion.original.content == ANIMATION,
        )

    def _make_equal(
        self, conversion: Conversion, original: Path, options: Options, start: int
    ) -> dict[str, Derivative]:
        """Make the derivative of image_core, and those of the peers with the same SSIM."""
        ours = self._make(IMAGE_CORE, original, options)
        made = {IMAGE_CORE: ours}
        for name in self.sides:
            if name == IMAGE_CORE:
                continue
            if conversion.output in _WITHOUT_QUALITY:
                made[name] = self._make(name, original, options)
                continue
            made[name] = self._search(name, original, replace(options, quality=start), ours.ssim)
            start = made[name].options.quality
            if conversion.output == "WEBP" and conversion.original.content in _GRAPHICS:
                lossless = self._make(name, original, replace(options, lossless=True))
                made[name] = choose(made[name], lossless, ours.ssim)
        return made

    def _make(self, name: str, original: Path, options: Options) -> Derivative:
        cost = self.sides[name].transform(original, options, self.made)
        ssim = self.similarity.measure(original, self.made)
        return Derivative(options=options, size_bytes=cost.size_bytes, ssim=ssim, cpu_ms=cost.cpu_ms)

    def _search(self, name: str, original: Path, options: Options, target: float) -> Derivative:
        def attempt(quality: int) -> Trial:
            made = self._make(name, original, replace(options, quality=quality))
            return Trial(quality=quality, size_bytes=made.size_bytes, ssim=made.ssim, cpu_ms=made.cpu_ms)

        equal = find_equal(target, options.quality, attempt)
        return Derivative(
            options=replace(options, quality=equal.quality),
            size_bytes=equal.size_bytes,
            ssim=equal.ssim,
            cpu_ms=equal.cpu_ms,
        )

    def _measure_times(self, original: Path, derivatives: Mapping[str, Derivative]) -> dict[str, float]:
        slow = {name: made.cpu_ms for name, made in derivatives.items() if made.cpu_ms > SLOW_MS}
        fast = {name: made.options for name, made in derivatives.items() if name not in slow}
        runs = [
            {name: self.sides[name].transform(original, options).cpu_ms for name, options in fast.items()}
            for _ in range(RUNS)
        ]
        return slow | {name: min(run[name] for run in runs) for name in fast}


def list_cases(conversion: Conversion, originals: Sequence[Path]) -> list[tuple[Path, str]]:
    """Return the originals with the names of their boxes.

    Each original has both boxes. For AVIF and GIF, which take the peers seconds, it has one of the two in
    turn, and for AVIF from another format than JPEG the smaller one: the encoder is the same.
    """
    boxes: Sequence[str] = BOXES.get(conversion.original.content, BOXES_ELSE)
    if conversion.output not in _SLOW_OUTPUTS:
        return list(itertools.product(originals, boxes))
    if conversion.output == "AVIF" and conversion.original.format != "JPEG":
        boxes = boxes[1:]
    return list(zip(originals, itertools.cycle(reversed(boxes))))


def choose(lossy: Derivative, lossless: Derivative, target: float) -> Derivative:
    """Return the lossless derivative if it is smaller, or if the lossy one is below the target SSIM."""
    return lossless if lossy.ssim < target or lossless.size_bytes < lossy.size_bytes else lossy
