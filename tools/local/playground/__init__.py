"""The page that `invoke up` serves: choose an image and options, and see what every variant makes of them."""

from tools.local.playground.backend import Backend
from tools.local.playground.server import PlaygroundServer

__all__ = ["Backend", "PlaygroundServer"]
