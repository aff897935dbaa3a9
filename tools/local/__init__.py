"""The stack on one machine: an AWS emulator, the real Terraform and an edge that behaves like CloudFront."""

from tools.local.commands import DEFAULT_VARIANTS, ORIGINS, VARIANTS, down, up
from tools.local.paths import SAMPLES

__all__ = ["DEFAULT_VARIANTS", "ORIGINS", "SAMPLES", "VARIANTS", "down", "up"]
