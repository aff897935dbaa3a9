"""Commands that delete images: `invoke purge` the derivatives, `invoke erase` everything of a key."""

from tools.erase.erase import erase
from tools.erase.purge import purge

__all__ = ["erase", "purge"]
