"""The stack on one machine: an AWS emulator, the real Terraform and an edge that behaves like CloudFront."""

from tools.local.commands import down, up

__all__ = ["down", "up"]
