"""From decoded pictures to finished frames: resized, upright, in colours for the output."""

from collections.abc import Iterator
from typing import NamedTuple

from image_format import Format
from PIL import Image

from image_core.colour import for_format, without_idle_alpha
from image_core.decode import decoded
from image_core.fit import layout_of
from image_core.icc import Profile
from image_core.orient import upright, upright_size
from image_core.resize import on_canvas, resized
from image_core.source import Source
from image_core.srgb import means_srgb
from image_core.wish import Transform

# For each pixel that goes in or comes out, on one vCPU: of RGBA, by LANCZOS.
_RESIZE_SECONDS = 25e-9


class Frame(NamedTuple):
    """One finished picture.

    Attributes:
        image: L, LA, RGB or RGBA, upright.
        profile: what its numbers mean, to be written beside them; None: sRGB.
        duration_ms: how long it is shown; 0 for a still picture.
    """

    image: Image.Image
    profile: Profile | None
    duration_ms: float


def finished_frames(source: Source, wish: Transform, output: Format) -> Iterator[Frame]:
    """The picture, or all frames of the animation, as they are to be written.

    Raises:
        NotAnImage, TooLarge, DerivationTooSlow
    """
    profile = source.profile
    if profile and means_srgb(profile, source.clock):
        profile = None
    for picture in decoded(source):
        layout = layout_of(upright_size(source.size, picture.turn), wish, output.max_side)
        sides = picture.image.size, layout.scaled
        source.clock.check(max(width * height for width, height in sides) * _RESIZE_SECONDS)
        small = resized(without_idle_alpha(picture.image), layout.turned(picture.turn), source.box, output)
        coloured, kept = for_format(small, profile, output, source.clock)
        finished = on_canvas(upright(coloured, picture.turn), layout.canvas, output)
        finished.info = {}  # Pillow's writers copy comments, and more, from there.
        yield Frame(image=finished, profile=kept, duration_ms=picture.duration_ms)
