"""The codec of each format, from the module of its name."""

from collections.abc import Mapping

from image_format import Format, load_for_every_format

from image_core.codec import Codec

CODECS: Mapping[Format, Codec] = load_for_every_format("image_core", "CODEC")
