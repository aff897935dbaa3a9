"""Facts of an AVIF before it is decoded.

An AVIF is a still image (`avif_items`), or an animation (`avif_tracks`) with a still image for viewers that
do not animate.
"""

from collections.abc import Iterable
from typing import NamedTuple

from image_format import av1
from image_format.avif_items import Item, content, read_items
from image_format.avif_properties import read_code_points, read_crop, read_orientation
from image_format.avif_tracks import Track, read_movie
from image_format.errors import NotAnImage

type Size = tuple[int, int]

_TRANSPOSED = 5  # this orientation and the higher ones exchange width and height


class Header(NamedTuple):
    """Facts of an image. Its transforms are the rotation, the mirror and the crop in the container.

    Attributes:
        size: width and height in pixels, before the transforms.
        tiles: width and height of each image to decode: of one, or of all images in a grid.
        alpha_tiles: the same for the alpha channel; empty without one.
        orientation: EXIF orientation, 1 to 8, that equals rotation and mirror.
        crop: left, top, right and bottom of the part that is displayed, before the rotation. None: the whole.
        loop_count: number of times that an animation is played; 0: forever.
        code_points: code points of primaries and transfer (ITU-T H.273). None: the file states none.
    """

    size: Size
    tiles: tuple[Size, ...]
    alpha_tiles: tuple[Size, ...]
    orientation: int
    crop: tuple[int, int, int, int] | None = None
    loop_count: int = 0
    code_points: tuple[int, int] | None = None

    @property
    def cropped_size(self) -> Size:
        """Width and height of the part that is displayed, in pixels, before the rotation."""
        left, top, right, bottom = self.crop or (0, 0, *self.size)
        return right - left, bottom - top


def read_header(data: bytes) -> Header:
    """Return the facts of the image that is displayed.

    Raises:
        NotAnImage: the file breaks the rules.
    """
    movie = read_movie(data)
    if movie:
        colour, *alpha = (_track_size(data, track) for track in movie.tracks)
        track = movie.tracks[0]
        orientation = read_orientation(track.properties)
        crop = read_crop(track.properties, track.size)
        return Header(
            size=track.size,
            tiles=(colour,),
            alpha_tiles=tuple(alpha),
            orientation=orientation,
            crop=crop,
            loop_count=movie.loop_count,
            code_points=read_code_points(track.properties),
        )
    items = read_items(data)
    image = items.image
    alpha_image = items.alpha(image)
    return Header(
        size=image.size,
        tiles=tuple(_tile_size(data, tile) for tile in items.tiles(image)),
        alpha_tiles=tuple(_tile_size(data, tile) for tile in items.tiles(alpha_image)) if alpha_image else (),
        orientation=read_orientation(image.properties),
        crop=read_crop(image.properties, image.size),
        code_points=read_code_points(image.properties),
    )


def dimensions(data: bytes) -> Size:
    """Return width and height in pixels, after the transforms: decoders apply them.

    Raises:
        NotAnImage: the file breaks the rules.
    """
    header = read_header(data)
    size = header.cropped_size
    return size[::-1] if header.orientation >= _TRANSPOSED else size


def _tile_size(data: bytes, tile: Item) -> Size:
    return _coded_size(tile.size, [content(data, tile)])


def _track_size(data: bytes, track: Track) -> Size:
    view = memoryview(data)
    return _coded_size(track.size, (view[start:end] for start, end in track.samples))


def _coded_size(size: Size, streams: Iterable[memoryview]) -> Size:
    """Return the largest of the size that the container declares and the sizes in the AV1 bitstreams.

    Decoders allocate memory for the size in the bitstream.

    Raises:
        NotAnImage: the bitstreams have no size.
    """
    headers = [
        unit.body for stream in streams for unit in av1.units(stream) if unit.kind == av1.Kind.SEQUENCE_HEADER
    ]
    if not headers:
        raise NotAnImage
    return max([size, *map(av1.sequence_size, headers)], key=lambda each: each[0] * each[1])
