"""Choices by content in every distribution: the smallest format, and the focal point of a crop."""

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageDraw

from tests.libs.image_core.oracles import decode_frames
from tests.local.image_urls import everywhere, request, upload
from tests.local.object_lambda_stack import Served

pytestmark = pytest.mark.xdist_group("object_lambda")

# `auto` may be larger than the smallest suitable format by this factor.
MAX_EXCESS = 1.02
EXPLICIT = {
    "auto": ("jpeg", "png", "gif"),
    "auto-webp": ("jpeg", "png", "gif", "webp"),
    "auto-avif": ("jpeg", "png", "gif", "webp", "avif"),
}
SAMPLE_IMAGES = [
    "cat.jpg",
    "cat.png",
    "cat.gif",
    "cat.webp",
    "cat.avif",
    "camera-1bit.png",
    "camera-grey.jpg",
    "coffee-cmyk.jpg",
    "coffee-display-p3.jpg",
    "logo-alpha.png",
    "logo-palette.png",
    "logo-animated.gif",
]


class Content(NamedTuple):
    """Properties of an image that another format could lose."""

    frames: int
    has_alpha: bool
    is_translucent: bool


def read_content(data: bytes) -> Content:
    image = Image.open(io.BytesIO(data))
    frames = getattr(image, "n_frames", 1)
    counts = image.convert("RGBA").getchannel("A").histogram()
    return Content(frames, has_alpha=counts[255] < sum(counts), is_translucent=any(counts[1:255]))


# The variants have the encoders in common, and the table of options has `auto` in all of them.
def test_auto_is_the_smallest(
    served_by_edge_resize: Served, record_property: Callable[[str, object], None]
) -> None:
    edge = served_by_edge_resize
    excess = {}
    for image in SAMPLE_IMAGES:
        key = upload(edge, "auto", image)
        own = request(edge, key, "width=96").body
        wanted = read_content(own)
        explicit = {
            name: request(edge, key, f"width=96&format={name}").body for name in EXPLICIT["auto-avif"]
        }
        measured = [f"own {len(own)}", *(f"{name} {len(body)}" for name, body in explicit.items())]
        for choice, names in EXPLICIT.items():
            found = request(edge, key, f"width=96&format={choice}")
            kind = found.headers["Content-Type"].removeprefix("image/")
            # `auto` makes no animated AVIF.
            suitable = [
                len(explicit[name])
                for name in names
                if read_content(explicit[name]) == wanted and not (name == "avif" and wanted.frames > 1)
            ]
            excess[image, choice] = len(found.body) / min(suitable)
            measured.append(f"{choice} {len(found.body)} ({kind})")
        record_property("measured", f"auto at 96 pixels: {image:22} {', '.join(measured)} bytes")
    assert max(excess.values()) <= MAX_EXCESS, excess


MARK_RADIUS = 5
ASPECT_RATIOS = {"1:1": (96, 96), "16:9": (128, 72), "4:5": (64, 80), "9:16": (48, 85), "3:1": (128, 43)}
TRANSPOSES = {
    1: None,
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


class Marked(NamedTuple):
    """An image with a red disc at its focal point.

    Attributes:
        size: width and height in pixels, as displayed.
        point: centre of the disc in hundredths of width and height, as displayed.
        orientation: EXIF orientation of the file.
        in_url: True if the URL has the point, False if the metadata of the original has it.
    """

    size: tuple[int, int]
    point: tuple[int, int]
    orientation: int
    in_url: bool

    @property
    def text(self) -> str:
        """The point as in URLs and metadata."""
        return ",".join(f"{each / 100:g}" for each in self.point)

    def encode(self) -> bytes:
        x, y = (side * each / 100 for side, each in zip(self.size, self.point, strict=True))
        image = Image.linear_gradient("L").resize(self.size).convert("RGB")
        disc = (x - MARK_RADIUS, y - MARK_RADIUS, x + MARK_RADIUS, y + MARK_RADIUS)
        ImageDraw.Draw(image).ellipse(disc, fill=(255, 0, 0))
        transpose, exif, file = TRANSPOSES[self.orientation], Image.Exif(), io.BytesIO()
        exif[ExifTags.Base.Orientation] = self.orientation
        stored = image if transpose is None else image.transpose(transpose)
        stored.save(file, "JPEG", exif=exif, quality=95, subsampling=0)
        return file.getvalue()


MARKED = [
    Marked(size, point, orientation, in_url=number < 10)
    for number, (size, point, orientation) in enumerate(
        zip(
            [(240, 160), (160, 240), (200, 200), (320, 120)] * 5,
            [(3 + 5 * number, (97 + 37 * number) % 101) for number in range(20)],
            [1, 1, 6, 8, 3] * 4,
            strict=True,
        )
    )
]


def expected_mark(marked: Marked, size: tuple[int, int]) -> tuple[float, float]:
    """Return the centre of the disc in the crop, in pixels."""
    scale = max(crop / side for crop, side in zip(size, marked.size, strict=True))
    x, y = (
        side * each / 100 * scale - min(max(0, side * each / 100 * scale - crop / 2), side * scale - crop)
        for side, each, crop in zip(marked.size, marked.point, size, strict=True)
    )
    return x, y


@everywhere
def test_the_focal_point_is_in_every_crop(
    served: Served, record_property: Callable[[str, object], None]
) -> None:
    worst = 0.0
    # The variants have the crop in common; each reads the metadata of the original in its own way.
    marked_images = MARKED if served.origin == "edge_resize" else MARKED[::3]
    for number, marked in enumerate(marked_images):
        key = f"focal/{number}.jpg"
        served.stack.s3.put_object(
            Bucket=served.outputs["bucket_name"],
            Key=key,
            Body=marked.encode(),
            Metadata={} if marked.in_url else {"focal-point": marked.text},
        )
        for width, height in ASPECT_RATIOS.values():
            gravity = f"&gravity={marked.text}" if marked.in_url else ""
            response = request(served, key, f"w={width}&h={height}&fit=crop&fm=png{gravity}")
            rgb = decode_frames(response.body)[0][..., :3]
            assert (rgb.shape[1], rgb.shape[0]) == (width, height)
            rows, columns = np.nonzero((rgb[..., 0] > 150) & (rgb[..., 1:].max(axis=2) < 100))
            assert rows.size, (number, marked, width, height)
            x, y = expected_mark(marked, (width, height))
            worst = max(worst, abs(columns.mean() + 0.5 - x), abs(rows.mean() + 0.5 - y))
    record_property(
        "measured",
        f"{served.origin:12} {len(marked_images):2} images x {len(ASPECT_RATIOS)} crops with the focal point "
        f"at most {worst:.1f} pixels from the expected place",
    )
    # A disc at the edge of its image is cut, so that its middle moves.
    assert worst < 3
