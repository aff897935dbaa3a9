"""Command that compares the configuration with the AWS provider 6: `invoke provider6`."""

from tools.provider6.compare import check_provider6

__all__ = ["check_provider6"]
