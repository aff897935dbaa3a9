"""Command for the logs of all functions: `invoke logs`."""

from tools.logs.report import show_logs

__all__ = ["show_logs"]
