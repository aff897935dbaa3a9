"""Replay a trace against the local stack, and measure it: `invoke load`."""
