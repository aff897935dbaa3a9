"""The local stack: an AWS emulator, the real Terraform configuration and a CloudFront edge."""

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
