"""Settings from the environment."""

import pytest
from image_url import DEFAULT_SIZES, ImageOptions
from lambda_runtime import SettingsError
from object_lambda.settings import Exif, Settings, read_settings


@pytest.mark.parametrize(
    ("environment", "settings"),
    [
        ({}, Settings(quality=80, sizes=DEFAULT_SIZES)),
        ({"IMAGE_QUALITY": "", "IMAGE_SIZES": ""}, Settings(quality=80, sizes=DEFAULT_SIZES)),
        ({"IMAGE_QUALITY": "1"}, Settings(quality=1, sizes=DEFAULT_SIZES)),
        ({"IMAGE_QUALITY": "100"}, Settings(quality=100, sizes=DEFAULT_SIZES)),
        (
            {"IMAGE_SIZES": '{"T":[9,8],"O":{"width":9}}'},
            Settings(
                quality=80,
                sizes={
                    "T": ImageOptions(width=9, height=8, swap_for_portrait=True),
                    "O": ImageOptions(width=9),
                },
            ),
        ),
        (
            {"IMAGE_CACHE_CONTROL": "public, max-age=60"},
            Settings(quality=80, sizes=DEFAULT_SIZES, cache_control="public, max-age=60"),
        ),
        ({}, Settings(quality=80, sizes=DEFAULT_SIZES, cache_control="public, max-age=86400")),
        ({"IMAGE_EXIF": ""}, Settings(quality=80, sizes=DEFAULT_SIZES, exif=Exif.WITHOUT_IDENTITY)),
        ({"IMAGE_EXIF": "all"}, Settings(quality=80, sizes=DEFAULT_SIZES, exif=Exif.ALL)),
        ({"BUCKET_NAME": "images"}, Settings(quality=80, sizes=DEFAULT_SIZES, bucket_name="images")),
        ({"PURGE_ON_CHANGE": ""}, Settings(quality=80, sizes=DEFAULT_SIZES, purge_on_change=False)),
        ({"PURGE_ON_CHANGE": "true"}, Settings(quality=80, sizes=DEFAULT_SIZES, purge_on_change=True)),
        ({"IMAGE_EXIF": "off"}, Settings(quality=80, sizes=DEFAULT_SIZES, exif=Exif.OFF)),
    ],
)
def test_settings(environment: dict[str, str], settings: Settings) -> None:
    assert read_settings(environment) == settings


@pytest.mark.parametrize("memory_mb", [1, 128, 160, 256, 512, 1024, 1769, 3008, 10_240])
def test_three_copies_of_the_largest_original_fit_into_the_memory(memory_mb: int) -> None:
    settings = read_settings({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb)})
    assert 0 < settings.max_bytes <= 128 * 1024 * 1024
    assert 3 * settings.max_bytes <= max(memory_mb - 150, 1) * 1024 * 1024
    # More memory gives a higher limit, up to the fixed one.
    larger = read_settings({"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb + 1)})
    assert settings.max_bytes == 128 * 1024 * 1024 or memory_mb < 151 or larger.max_bytes > settings.max_bytes


def test_every_problem_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(
            {
                "IMAGE_CACHE_CONTROL": "public\nSet-Cookie: a=b",
                "IMAGE_QUALITY": "0",
                "IMAGE_SIZES": '{"S":[1],"M":"x"}',
                "IMAGE_EXIF": "ALL",
                "BUCKET_NAME": "Images",
                "PURGE_ON_CHANGE": "yes",
            }
        )
    assert [problem.partition(" ")[0] for problem in caught.value.problems] == [
        "IMAGE_CACHE_CONTROL",
        "IMAGE_EXIF",
        "IMAGE_QUALITY",
        "PURGE_ON_CHANGE",
        "BUCKET_NAME",
        "IMAGE_SIZES:",
        "IMAGE_SIZES:",
    ]
