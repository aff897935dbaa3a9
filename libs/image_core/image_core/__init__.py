"""Image bytes and a options in, the image wished for out. No network, environment or clock."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from image_format import Format

from image_core.errors import (
    DerivationTooSlow,
    ImageError,
    NotAnImage,
    TooLarge,
    TooManyBytes,
    TooManyPixels,
    TooManyScans,
    TooMuchMemory,
)
from image_core.options import ONE_VCPU_MB, OUTPUT_VERSION, Box, EncodedImage, Fit, Limits, Options

__all__ = [
    "ONE_VCPU_MB",
    "OUTPUT_VERSION",
    "Box",
    "DerivationTooSlow",
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
    "clean",
    "transform",
]

if TYPE_CHECKING:
    from image_core.original import clean
    from image_core.pipeline import transform

_NEEDS_PILLOW = {"clean": "image_core.original", "transform": "image_core.pipeline"}


def __getattr__(name: str) -> Any:
    """Import what needs Pillow when it is first asked for (PEP 562).

    It is half of what a cold start imports; a function may do so while it waits for something else.
    """
    if name not in _NEEDS_PILLOW:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_NEEDS_PILLOW[name]), name)
