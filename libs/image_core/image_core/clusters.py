"""Palettes for images with soft alpha: colours are clustered by how they look on any page.

A pixel with premultiplied sample P and alpha A shows P on a black page and P + 255 - A on a white one. Where
P is off by p and A by a, the mean of both squared errors is (p - a / 2)^2 + a^2 / 4. Summed over red, green
and blue, that is the squared distance of the points (R - A / 2, G - A / 2, B - A / 2, A * sqrt(3) / 2).

The colours of a sample are put into cells. The cluster of cells with the largest error is cut at its mean,
until there are enough, and k-means moves the centres. Pillow has nothing like it: its octree draws rings
around soft edges. Against that 5.5 dB are won on a photograph cut out softly, in 0.91 of the bytes; pngquant
is 0.1 dB better or worse, in 1.05 times the bytes.
"""

import heapq
import math
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import cast

from PIL import Image

from image_core.clock import Clock

type Centre = tuple[float, float, float, float]
type Weighted = tuple[float, float, float, float, float]
type Candidate = tuple[int, float, float, float, float]
type Rgba = tuple[int, int, int, int]

_MAX_COLOURS = 256
_ALPHA_SCALE = math.sqrt(3) / 2
# A sample of 150,000 pixels takes some 0.2 s.
_SAMPLE_PIXELS = 150_000
# Cells of 8 levels, or of 16 where there are too many. The opaque ones begin at 248, or at 240.
_CELL_MASKS, _MAX_CELLS = (0xF8, 0xF0), 20_000
# Which pixels are told apart: in an image that is its own sample, and in a larger one.
_FINE_MASKS = {0xF8: (0xFE, 0xFC), 0xF0: (0xF8, 0xF0)}
_ROUNDS, _NEIGHBOURS = 2, 8
_STRIP_PIXELS = 250_000
_OPAQUE = 255
_ROUNDING = 1e-3
_FOUR_BYTES = 0x01010101
_CLEAR: Centre = (0.0, 0.0, 0.0, 0.0)


def quantize_soft_alpha(images: Sequence[Image.Image], clock: Clock) -> list[Image.Image]:
    """Return the images in mode P with one palette for all, each colour with an alpha of its own.

    Up to 256 colours stay as they are. Clear pixels stay clear, and opaque ones opaque.

    Args:
        images: in modes that Pillow converts to RGBA.
        clock: the time that is left.

    Raises:
        DerivationTooSlow
    """
    few = _few_colours(images)
    palette = _Exact(few) if few else _Clustered(images, clock)
    return [_index(image, palette, clock) for image in images]


class _Exact:
    """A palette of all colours."""

    def __init__(self, colours: Sequence[Rgba]) -> None:
        self.colours = colours
        self._numbers = {int.from_bytes(bytes(colour), sys.byteorder): n for n, colour in enumerate(colours)}

    def keys(self, image: Image.Image) -> bytes:
        """Four bytes for each pixel, alike for pixels that get the same colour."""
        return image.convert("RGBA").tobytes()

    def number(self, key: int) -> int:
        """The number of the colour for these four bytes."""
        return self._numbers[key]


class _Clustered:
    """A palette of up to 256 colours for many."""

    def __init__(self, images: Sequence[Image.Image], clock: Clock) -> None:
        self._clock = clock
        pixels = sum(image.width * image.height for image in images)
        mask, cells = _cells(_sample(images, pixels))
        self._mask = mask * _FOUR_BYTES
        self._least_opaque = mask << 24
        fine_mask = _FINE_MASKS[mask][pixels > _SAMPLE_PIXELS]
        self._fine = bytes(value & fine_mask for value in range(256))
        groups: tuple[list[Weighted], list[Weighted]] = [], []
        for cell, sums in cells.items():
            groups[cell >= self._least_opaque].append(_weighted(sums))
        soft, opaque = _clusters(*groups, _MAX_COLOURS - 1, clock)
        self._centres = [_CLEAR, *soft], opaque
        self._near = _neighbours(self._centres[0], 0), _neighbours(opaque, len(soft) + 1)
        self._near_cells: dict[int, list[Candidate]] = {}
        opaque_alpha = _OPAQUE * _ALPHA_SCALE
        self.colours = [*map(_rgba, self._centres[0]), *(_rgba((*c[:3], opaque_alpha)) for c in opaque)]

    def keys(self, image: Image.Image) -> bytes:
        """Four bytes for each pixel, alike for pixels that get the same colour."""
        return _premultiply(image).translate(self._fine)

    def number(self, key: int) -> int:
        """The number of the colour for these four bytes."""
        if not key >> 24:
            return 0
        cell = key & self._mask
        near = self._near_cells.get(cell)
        if near is None:
            near = self._near_cells[cell] = self._near_cell(cell)
        return _nearest(_point(key), near)

    def _near_cell(self, cell: int) -> list[Candidate]:
        """The centres to try for the colours of a cell: the nearest one, and its neighbours."""
        self._clock.check()
        # A sample may have missed all opaque pixels.
        group = cell >= self._least_opaque and bool(self._centres[1])
        centres = [(number, *centre) for number, centre in enumerate(self._centres[group])]
        return self._near[group][_nearest(_point(cell), centres)]


def _index(image: Image.Image, palette: _Exact | _Clustered, clock: Clock) -> Image.Image:
    numbers: dict[int, int] = {}
    rows = max(1, _STRIP_PIXELS // image.width)
    indices = bytearray()
    for top in range(0, image.height, rows):
        clock.check()
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        keys = memoryview(palette.keys(strip)).cast("I")
        numbers |= {key: palette.number(key) for key in set(keys).difference(numbers)}
        indices += bytes(map(numbers.__getitem__, keys))
    result = Image.frombytes("P", image.size, bytes(indices))
    opaque = all(colour[3] == _OPAQUE for colour in palette.colours)
    bands = "RGB" if opaque else "RGBA"
    result.putpalette(bytes(band for colour in palette.colours for band in colour[: len(bands)]), bands)
    return result


def _few_colours(images: Sequence[Image.Image]) -> list[Rgba] | None:
    """All colours, if a palette has room for them."""
    found: set[Rgba] = set()
    for image in images:
        rgba = image if image.mode == "RGBA" else image.convert("RGBA")
        colours = rgba.getcolors(_MAX_COLOURS)
        if colours is None:
            return None
        found.update(cast("Rgba", colour) for _, colour in colours)
        if len(found) > _MAX_COLOURS:
            return None
    return sorted(found)


def _premultiply(image: Image.Image) -> bytes:
    return image.convert("RGBA").convert("RGBa").tobytes()


def _sample(images: Sequence[Image.Image], pixels: int) -> Counter[int]:
    """How often each premultiplied colour is in a sample. None are averaged, which would make new ones."""
    step = math.ceil((pixels / _SAMPLE_PIXELS) ** 0.5)
    found: Counter[int] = Counter()
    for image in images:
        size = max(1, image.width // step), max(1, image.height // step)
        small = image if step == 1 else image.resize(size, Image.Resampling.NEAREST)
        found.update(memoryview(_premultiply(small)).cast("I"))
    return found


def _cells(colours: Counter[int]) -> tuple[int, dict[int, list[int]]]:
    """Put colours that are not clear into cells.

    Returns:
        The bits of a byte that tell cells apart; for each cell the pixels, and the sums of their samples.
    """
    for mask in _CELL_MASKS:
        cells: dict[int, list[int]] = {}
        for colour, count in colours.items():
            if not colour:
                continue
            sums = cells.setdefault(colour & (mask * _FOUR_BYTES), [0, 0, 0, 0, 0])
            sums[0] += count
            sums[1] += count * (colour & 0xFF)
            sums[2] += count * (colour >> 8 & 0xFF)
            sums[3] += count * (colour >> 16 & 0xFF)
            sums[4] += count * (colour >> 24)
        if len(cells) <= _MAX_CELLS:
            break
    return mask, cells


def _weighted(sums: list[int]) -> Weighted:
    weight, red, green, blue, alpha = sums
    half = alpha / 2
    point = (red - half, green - half, blue - half, alpha * _ALPHA_SCALE)
    a, b, c, d = (value / weight for value in point)
    return weight, a, b, c, d


def _point(colour: int) -> Centre:
    alpha = colour >> 24
    half = alpha / 2
    red, green, blue = colour & 0xFF, colour >> 8 & 0xFF, colour >> 16 & 0xFF
    return red - half, green - half, blue - half, alpha * _ALPHA_SCALE


def _rgba(centre: Centre) -> Rgba:
    """The colour, not premultiplied."""
    alpha = centre[3] / _ALPHA_SCALE
    if not alpha:
        return 0, 0, 0, 0
    red, green, blue = (min(255, max(0, round((value + alpha / 2) * 255 / alpha))) for value in centre[:3])
    return red, green, blue, max(1, min(255, round(alpha)))


class _Box:
    """A cluster to be cut: its points, their mean, and the axis along which they differ most."""

    def __init__(self, points: list[Weighted], *, opaque: bool) -> None:
        self.points = points
        self.opaque = opaque
        weight = a_sum = b_sum = c_sum = d_sum = a_squares = b_squares = c_squares = d_squares = 0.0
        for w, a, b, c, d in points:
            weight += w
            a_sum += w * a
            b_sum += w * b
            c_sum += w * c
            d_sum += w * d
            a_squares += w * a * a
            b_squares += w * b * b
            c_squares += w * c * c
            d_squares += w * d * d
        self.mean: Centre = (a_sum / weight, b_sum / weight, c_sum / weight, d_sum / weight)
        errors = [
            a_squares - a_sum * self.mean[0],
            b_squares - b_sum * self.mean[1],
            c_squares - c_sum * self.mean[2],
            d_squares - d_sum * self.mean[3],
        ]
        self.error = max(errors)
        self.axis = errors.index(self.error)

    def __lt__(self, other: "_Box") -> bool:
        """The one with the larger error comes first."""
        return self.error > other.error

    def cut(self) -> list["_Box"]:
        """Cut at the mean. There is one part where all points are there."""
        at, axis = self.mean[self.axis], self.axis + 1
        low = [point for point in self.points if point[axis] <= at]
        high = [point for point in self.points if point[axis] > at]
        return [_Box(part, opaque=self.opaque) for part in (low, high) if part]


def _clusters(
    soft: list[Weighted], opaque: list[Weighted], number: int, clock: Clock
) -> tuple[list[Centre], list[Centre]]:
    """Centres of up to so many clusters, none of which holds soft and opaque points."""
    heap = [_Box(points, opaque=points is opaque) for points in (soft, opaque) if points]
    heapq.heapify(heap)
    while heap and len(heap) < number and heap[0].error > _ROUNDING:
        clock.check()
        parts = heapq.heappop(heap).cut()
        if len(parts) == 1:
            parts[0].error = 0.0  # not cut again: what is left of the error is rounding
        for part in parts:
            heapq.heappush(heap, part)
    results = []
    for group in (False, True):
        boxes = [box for box in heap if box.opaque is group]
        points = [point for box in boxes for point in box.points]
        homes = [home for home, box in enumerate(boxes) for _ in box.points]
        results.append(_refine(points, homes, [box.mean for box in boxes], clock))
    return results[0], results[1]


def _refine(points: list[Weighted], homes: list[int], centres: list[Centre], clock: Clock) -> list[Centre]:
    """The centres after some rounds of k-means, in which a point tries only the neighbours of its centre."""
    for _ in range(_ROUNDS):
        clock.check()
        near = _neighbours(centres, 0)
        homes = [_nearest(point[1:], near[home]) for point, home in zip(points, homes, strict=True)]
        sums = [[0.0] * 5 for _ in centres]
        for (w, a, b, c, d), home in zip(points, homes, strict=True):
            total = sums[home]
            total[0] += w
            total[1] += w * a
            total[2] += w * b
            total[3] += w * c
            total[4] += w * d
        centres = [
            (a / w, b / w, c / w, d / w) if w else old
            for (w, a, b, c, d), old in zip(sums, centres, strict=True)
        ]
    return centres


def _neighbours(centres: list[Centre], first_number: int) -> list[list[Candidate]]:
    """For each centre the nearest ones, itself included, with their numbers."""
    results = []
    for centre in centres:
        near = heapq.nsmallest(
            _NEIGHBOURS, ((math.dist(centre, other), number) for number, other in enumerate(centres))
        )
        results.append([(first_number + number, *centres[number]) for _, number in near])
    return results


def _nearest(point: Centre, candidates: Iterable[Candidate]) -> int:
    """The number of the nearest candidate."""
    a, b, c, d = point
    best, result = math.inf, 0
    for number, x, y, z, w in candidates:
        distance = (a - x) * (a - x) + (b - y) * (b - y) + (c - z) * (c - z) + (d - w) * (d - w)
        if distance < best:
            best, result = distance, number
    return result
