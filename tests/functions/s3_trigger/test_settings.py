"""Settings from the environment: defaults, validation, all problems at once."""

import pytest
from image_core import Box, Fit
from lambda_runtime import SettingsError
from s3_trigger.settings import read_settings

BUCKETS = {"SOURCE_BUCKET": "uploads", "DESTINATION_BUCKET": "thumbnails"}


def test_defaults() -> None:
    settings = read_settings(BUCKETS)
    assert (settings.source_bucket, settings.destination_bucket) == ("uploads", "thumbnails")
    assert (settings.source_prefix, settings.restore_prefix) == ("source-folder/", "restore-folder/")
    assert settings.box == Box(width=300, height=300, swap_for_portrait=False)
    assert (settings.fit, settings.quality) == (Fit.COVER, 80)
    assert settings.purge_queue_url is None
    assert settings.cache_control is None


def test_all_settings() -> None:
    settings = read_settings(
        BUCKETS
        | {
            "SOURCE_PREFIX": "",
            "RESTORE_PREFIX": "a/b/",
            "WIDTH": "640",
            "HEIGHT": "16383",
            "FIT": "contain",
            "QUALITY": "100",
            "CACHE_CONTROL": "public, max-age=5",
            "PURGE_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/changes",
        }
    )
    assert (settings.source_prefix, settings.restore_prefix) == ("", "a/b/")
    assert settings.box == Box(width=640, height=16_383, swap_for_portrait=False)
    assert (settings.fit, settings.quality) == (Fit.CONTAIN, 100)
    assert settings.cache_control == "public, max-age=5"
    assert settings.purge_queue_url == "https://sqs.eu-west-1.amazonaws.com/1/changes"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SOURCE_BUCKET", "Uploads"),
        ("DESTINATION_BUCKET", ""),
        ("DESTINATION_BUCKET", "uploads"),
        ("SOURCE_PREFIX", "source-folder"),
        ("SOURCE_PREFIX", "/"),
        ("SOURCE_PREFIX", "restore-folder/"),
        ("SOURCE_PREFIX", "restore-folder/more/"),
        ("RESTORE_PREFIX", ""),
        ("RESTORE_PREFIX", "restore"),
        ("WIDTH", "0"),
        ("WIDTH", "-1"),
        ("WIDTH", "16384"),
        ("HEIGHT", "٣٠٠"),
        ("HEIGHT", "300.0"),
        ("FIT", "COVER"),
        ("FIT", "stretch"),
        ("QUALITY", "101"),
        ("CACHE_CONTROL", "a\nb"),
        ("PURGE_QUEUE_URL", "queue"),
    ],
)
def test_an_error_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings(BUCKETS | {name: value})


def test_every_problem_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"FIT": "stretch", "WIDTH": "wide"})
    named = [problem.split()[0] for problem in caught.value.problems]
    assert named == ["SOURCE_BUCKET", "DESTINATION_BUCKET", "WIDTH", "FIT"]
