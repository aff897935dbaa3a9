"""`invoke fuzz` and `invoke corpora`: run the image libraries on malformed files."""

from tools.fuzz.campaign import TARGETS, fuzz
from tools.fuzz.corpora import corpora

__all__ = ["TARGETS", "corpora", "fuzz"]
