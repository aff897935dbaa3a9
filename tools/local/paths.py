"""Where things are in the project."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "tests" / "images"
STATE = PROJECT / ".local"
"""State folder of the stack of `invoke up`."""
