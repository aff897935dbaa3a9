"""Picture bytes and a wish in, the picture wished for out. No network, environment or clock."""

from image_header import Format

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
from image_core.measure import stored_pixels
from image_core.pipeline import transform
from image_core.wish import Box, Fit, Limits, Picture, Transform

__all__ = [
    "Box",
    "DerivationTooSlow",
    "Fit",
    "Format",
    "ImageError",
    "Limits",
    "NotAnImage",
    "Picture",
    "TooLarge",
    "TooManyBytes",
    "TooManyPixels",
    "TooManyScans",
    "TooMuchMemory",
    "Transform",
    "stored_pixels",
    "transform",
]
