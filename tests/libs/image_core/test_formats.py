"""Every input format to every output format."""

import pytest
from image_core import Format, Transform, transform

from tests.libs.image_core.pictures import SMALL, WISH, error, file_of, gradient, seen


@pytest.mark.parametrize("wanted", [None, *Format])
@pytest.mark.parametrize("given", Format)
def test_a_photograph_of_any_format_becomes_any_other(given: Format, wanted: Format | None) -> None:
    picture = transform(file_of(gradient(), given), Transform(box=SMALL, output_format=wanted))

    result = seen(picture.data)
    assert (picture.format, picture.frames) == (wanted or given, 1)
    assert (result.format, result.size) == (wanted or given, (144, 90))
    assert (picture.width, picture.height) == result.size
    assert error(result, gradient(144, 90)) < 4


@pytest.mark.parametrize("file_format", Format)
def test_the_same_bytes_give_the_same_bytes(file_format: Format) -> None:
    data = file_of(gradient(), file_format)
    assert transform(data, WISH) == transform(data, WISH)
