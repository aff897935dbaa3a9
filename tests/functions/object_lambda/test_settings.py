"""The environment."""

import pytest
from image_query import DEFAULT_SIZES
from object_lambda.errors import SettingsError
from object_lambda.settings import Settings, read_settings


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, Settings(quality=80, sizes=DEFAULT_SIZES)),
        ({"IMAGE_QUALITY": "", "IMAGE_SIZES": ""}, Settings(quality=80, sizes=DEFAULT_SIZES)),
        ({"IMAGE_QUALITY": "1"}, Settings(quality=1, sizes=DEFAULT_SIZES)),
        ({"IMAGE_QUALITY": "100"}, Settings(quality=100, sizes=DEFAULT_SIZES)),
        ({"IMAGE_SIZES": '{"T":[9,8]}'}, Settings(quality=80, sizes={"T": (9, 8)})),
    ],
)
def test_settings(environment: dict[str, str], settings: Settings) -> None:
    assert read_settings(environment) == settings


def test_every_problem_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"IMAGE_QUALITY": "0", "IMAGE_SIZES": '{"S":[1],"M":"x"}'})
    assert [problem.partition(" ")[0] for problem in refused.value.problems] == [
        "IMAGE_QUALITY",
        "IMAGE_SIZES:",
        "IMAGE_SIZES:",
    ]
