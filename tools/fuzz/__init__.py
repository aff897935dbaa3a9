"""`invoke fuzz` and `invoke corpora`: files that are not as they should be, against the libraries."""

from tools.fuzz.campaign import TARGETS, fuzz
from tools.fuzz.corpora import corpora

__all__ = ["TARGETS", "corpora", "fuzz"]
