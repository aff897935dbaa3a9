"""Derivatives of S3 originals: headers and metadata, the transform in a child process, and its errors."""

from derivation.errors import PermanentError, explain_denied_access, not_found, to_permanent_error
from derivation.file import create_file, preload
from derivation.plan import (
    Plan,
    has_dot_segment,
    has_image_extension,
    is_current,
    make_upload,
    read_focal_point,
)

__all__ = [
    "PermanentError",
    "Plan",
    "create_file",
    "explain_denied_access",
    "has_dot_segment",
    "has_image_extension",
    "is_current",
    "make_upload",
    "not_found",
    "preload",
    "read_focal_point",
    "to_permanent_error",
]
