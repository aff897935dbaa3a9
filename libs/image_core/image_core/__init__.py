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
from image_core.options import (
    OUTPUT_VERSION,
    AutoFormat,
    Box,
    DerivedFile,
    EncodedImage,
    Options,
    make_options,
)

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
    from image_core.original import clean
    from image_core.pipeline import transform

_NEEDS_PILLOW = {
    "clean": "image_core.original",
    "derive": "image_core.derived",
    "read_facts": "image_core.facts",
    "transform": "image_core.pipeline",
}


def __getattr__(name: str) -> Any:
    """Import the functions that read images on first access (PEP 562).

    They import Pillow, which is half of the import time of a cold start. A function can access them while
    waiting for the network.
    """
    if name not in _NEEDS_PILLOW:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_NEEDS_PILLOW[name]), name)
