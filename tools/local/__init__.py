"""The stack on one machine: an AWS emulator, the real Terraform and an edge that behaves like CloudFront."""

from tools.local.commands import down, up
from tools.local.options import DEFAULT_VARIANTS, ORIGINS, VARIANTS, StackOptions, check_options
from tools.paths import SAMPLES

__all__ = [
    "DEFAULT_VARIANTS",
    "ORIGINS",
    "SAMPLES",
    "VARIANTS",
    "StackOptions",
    "check_options",
    "down",
    "up",
]
