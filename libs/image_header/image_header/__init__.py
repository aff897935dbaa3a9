"""What the head of a picture's file says: its format, and how the picture lies. Standard library only."""

from image_header.formats import Format, recognised
from image_header.orientation import UPRIGHT, orientation_of

__all__ = ["UPRIGHT", "Format", "orientation_of", "recognised"]
