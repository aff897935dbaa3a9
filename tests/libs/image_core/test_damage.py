"""Damage that browsers ignore results in the image; missing pixels result in an error."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_core import Box, EncodedImage, Format, Limits, NotAnImage, Options, clean, transform

from tests.libs.image_core.damaged import REFUSED, TOLERATED, Damaged
from tests.libs.image_core.images import frames_of, pixels
from tests.libs.image_metadata.test_exiftool import read_tags
from tools.fuzz.core_invariants import assert_sound
from tools.fuzz.exiftool import surplus
from tools.fuzz.samples import SECRET

CASES = Path(__file__).parents[2] / "cases"
OPTIONS = {
    "same size": Options(box=None, quality=92),
    "small": Options(box=Box(width=20, height=20), quality=92),
    "webp": Options(box=None, output_format=Format.WEBP, quality=92),
}
NAMED = {
    path.name: Damaged(path.read_bytes(), b"")
    for path in (
        CASES / name
        for name in (
            "badcrc-iccp.png",
            "gif-no-trailer.gif",
            "png-trns-on-rgba.png",
            "icc-1300k.png",
            "jpeg-no-eoi.jpg",
        )
    )
}
FILES = {**TOLERATED, **NAMED}


@cache
def make(data: bytes, options: str) -> EncodedImage:
    """Return the result of `transform` with these options, or of `clean`."""
    return transform(data, OPTIONS[options]) if options in OPTIONS else clean(data, Limits())


def shown(image: EncodedImage) -> list[Any]:
    """Return the brightness of every pixel, which encoding again changes less than the colours."""
    return [pixels(frame).mean(axis=-1) for frame, _ in frames_of(image.data)]


@pytest.mark.parametrize("options", [*OPTIONS, "clean"])
@pytest.mark.parametrize("name", TOLERATED)
def test_it_shows_what_the_intact_file_shows(name: str, options: str) -> None:
    damaged, like = TOLERATED[name]
    image, expected = make(damaged, options), make(like, options)

    assert_sound(image, OPTIONS.get(options))
    assert SECRET not in image.data
    assert (image.format, image.width, image.height) == (expected.format, expected.width, expected.height)
    pairs = list(zip(shown(image), shown(expected), strict=True))
    # Small images of strong colours, encoded once more if they cannot be cleaned losslessly.
    assert max(float(np.abs(one - other).mean()) for one, other in pairs) < 7


@pytest.mark.parametrize("options", [*OPTIONS, "clean"])
@pytest.mark.parametrize("name", NAMED)
def test_named_files(name: str, options: str) -> None:
    assert_sound(make(NAMED[name].data, options), OPTIONS.get(options))


@pytest.mark.parametrize("options", [*OPTIONS, "clean"])
@pytest.mark.parametrize("name", REFUSED)
def test_without_its_pixels_it_is_refused(name: str, options: str) -> None:
    with pytest.raises(NotAnImage):
        make(REFUSED[name], options)


@pytest.fixture(scope="module")
def by_exiftool(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Return the tags that exiftool finds in the results, by name of the file and the options."""
    images = {
        f"{options}-{number}": make(file.data, options)
        for options in (*OPTIONS, "clean")
        for number, file in enumerate(FILES.values())
    }
    # exiftool reads files of known extensions only.
    files = {f"{name}.{image.format.lower()}": image.data for name, image in images.items()}
    found = read_tags(files, tmp_path_factory.mktemp("results"))
    return {Path(name).stem: tags for name, tags in found.items()}


@pytest.mark.xdist_group("exiftool over damaged files")
@pytest.mark.parametrize("options", [*OPTIONS, "clean"])
def test_exiftool_finds_no_metadata(options: str, by_exiftool: dict[str, dict[str, Any]]) -> None:
    found = {
        name: surplus(by_exiftool[f"{options}-{number}"])
        for number, name in enumerate(FILES)
        if surplus(by_exiftool[f"{options}-{number}"])
    }
    assert found == {}
