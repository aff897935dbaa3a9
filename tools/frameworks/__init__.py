"""Test the loaders with real frameworks in a real browser: `invoke frameworks`."""

from tools.frameworks.run import test_frameworks

__all__ = ["test_frameworks"]
