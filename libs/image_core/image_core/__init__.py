"""Transform image bytes: resize, reorient, convert and strip metadata.

The package uses no network, environment or clock. The caller passes limits and the remaining time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from image_format import Format
from image_url import Fit

from image_core.errors import (
    ImageError,
    NotAnImage,
    TooLarge,
    TooManyBytes,
    TooManyPixels,
    TooManyScans,
    TooMuchMemory,
    TransformTooSlow,
)
from image_core.limits import ONE_VCPU_MB, Limits, check_bytes

OUTPUT_VERSION = 4
"""Version of the images that a transform makes. A release raises it if the same original and options give
another format, other dimensions or pixels that look different. Bytes that differ by rounding do not count:
every new version makes all derivatives again.

Functions store or send the version with each derivative, so that no derivative of an earlier release is
served as current.
"""

__all__ = [
    "ONE_VCPU_MB",
    "OUTPUT_VERSION",
    "AutoFormat",
    "Box",
    "DerivedFile",
    "EncodedImage",
    "Fit",
    "Format",
    "ImageError",
    "Limits",
    "NotAnImage",
    "Options",
    "TooLarge",
    "TooManyBytes",
    "TooManyPixels",
    "TooManyScans",
    "TooMuchMemory",
    "TransformTooSlow",
    "check_bytes",
    "clean",
    "derive",
    "make_options",
    "read_facts",
    "transform",
]

if TYPE_CHECKING:
    from image_core.derived import derive
    from image_core.facts import read_facts
    from image_core.options import AutoFormat, Box, DerivedFile, EncodedImage, Options, make_options
    from image_core.original import clean
    from image_core.pipeline import transform

_MODULES = {
    "AutoFormat": "image_core.options",
    "Box": "image_core.options",
    "DerivedFile": "image_core.options",
    "EncodedImage": "image_core.options",
    "Options": "image_core.options",
    "clean": "image_core.original",
    "derive": "image_core.derived",
    "make_options": "image_core.options",
    "read_facts": "image_core.facts",
    "transform": "image_core.pipeline",
}


def __getattr__(name: str) -> Any:
    """Import the functions that read images, and the types of their arguments, on first access (PEP 562).

    A function that finds a derivative needs none of them. They import Pillow, which is half of the import
    time of a cold start. A function can access them while waiting for the network.
    """
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
