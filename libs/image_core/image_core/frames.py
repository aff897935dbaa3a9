"""From decoded images to finished frames: resized, upright, in colours for the output."""

from collections.abc import Iterator
from typing import NamedTuple

from image_format import Format
from PIL import Image

from image_core.colour import drop_opaque_alpha, for_format
from image_core.decode import decode
from image_core.fit import layout_of
from image_core.icc import Profile
from image_core.options import Options
from image_core.orient import upright, upright_size
from image_core.resize import on_canvas, resize
from image_core.source import Source
from image_core.srgb import is_srgb_profile

# For each pixel that goes in or comes out, on one vCPU: of RGBA, by LANCZOS.
_RESIZE_SECONDS = 25e-9


class Frame(NamedTuple):
    """One finished image.

    Attributes:
        image: L, LA, RGB or RGBA, upright.
        profile: what its numbers mean, to be written beside them; None: sRGB.
        duration_ms: how long it is shown; 0 for a still image.
    """

    image: Image.Image
    profile: Profile | None
    duration_ms: float


def finish_frames(source: Source, options: Options, output: Format) -> Iterator[Frame]:
    """The image, or all frames of the animation, as they are to be written.

    Raises:
        NotAnImage, TooLarge, DerivationTooSlow
    """
    profile = source.profile
    if profile and is_srgb_profile(profile, source.clock):
        profile = None
    for decoded_frame in decode(source):
        layout = layout_of(upright_size(source.size, decoded_frame.transpose), options, output.max_side)
        sides = decoded_frame.image.size, layout.scaled
        source.clock.check(max(width * height for width, height in sides) * _RESIZE_SECONDS)
        small = resize(
            drop_opaque_alpha(decoded_frame.image),
            layout.transposed(decoded_frame.transpose),
            source.box,
            output,
        )
        coloured, kept = for_format(small, profile, output, source.clock)
        finished = on_canvas(upright(coloured, decoded_frame.transpose), layout.canvas, output)
        finished.info = {}  # Pillow's writers copy comments, and more, from there.
        yield Frame(image=finished, profile=kept, duration_ms=decoded_frame.duration_ms)
