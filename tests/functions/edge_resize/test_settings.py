"""Settings in the custom headers of the origin."""

import json
from pathlib import Path
from typing import Any

import pytest
from edge_event import OriginRequest, parse_origin_request
from edge_resize.settings import Originals, Settings, read_settings
from image_core import Limits
from image_url import DEFAULT_SIZES, Fit, ImageOptions
from lambda_runtime import SettingsError

EVENTS = Path(__file__).parents[2] / "events"
GOOD = {
    "x-env-bucket-name": "images",
    "x-env-bucket-region": "eu-west-1",
    "x-env-quality": "80",
    "x-env-resized-path": "resized",
}


def request(headers: dict[str, str], path: str = "") -> OriginRequest:
    event: dict[str, Any] = json.loads((EVENTS / "origin-request.json").read_text())
    event["Records"][0]["cf"]["request"]["origin"]["s3"].update(
        customHeaders={name: [{"key": name.title(), "value": value}] for name, value in headers.items()},
        path=path,
    )
    return parse_origin_request(event)


def test_all_of_them() -> None:
    headers = {
        **GOOD,
        "x-env-cache-control": "max-age=5",
        "x-env-purge-on-change": "true",
        "x-env-sizes": '{"S":[10,20],"hero":{"width":9,"height":8,"fit":"cover","format":null}}',
    }
    assert read_settings(request(headers), {}) == Settings(
        bucket_name="images",
        bucket_region="eu-west-1",
        quality=80,
        resized_path="resized",
        sizes={
            "S": ImageOptions(10, 20, swap_for_portrait=True),
            "hero": ImageOptions(9, 8, Fit.COVER),
        },
        cache_control="max-age=5",
        purge_on_change=True,
    )


def test_sizes_have_a_default() -> None:
    assert read_settings(request(GOOD), {}).sizes == DEFAULT_SIZES


@pytest.mark.parametrize("originals", Originals)
def test_originals(originals: Originals) -> None:
    assert read_settings(request({**GOOD, "x-env-originals": originals.value}), {}).originals is originals
    assert read_settings(request(GOOD), {}).originals is Originals.AS_IS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-env-bucket-name", "my.images-2"),
        ("x-env-bucket-region", "us-gov-west-1"),
        ("x-env-quality", "1"),
        ("x-env-quality", "100"),
        ("x-env-resized-path", "cache/re-sized_1.x"),
        ("x-env-cache-control", "public, max-age=86400, s-maxage=60"),
    ],
)
def test_good_values(name: str, value: str) -> None:
    assert read_settings(request({**GOOD, name: value}), {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-env-bucket-name", ""),
        ("x-env-bucket-name", "Images"),
        ("x-env-bucket-name", "evil.example/"),
        ("x-env-bucket-name", "a@b"),
        ("x-env-bucket-region", "eu"),
        ("x-env-bucket-region", "eu-west-1.evil.example"),
        ("x-env-quality", "0"),
        ("x-env-quality", "101"),
        ("x-env-quality", "80.0"),
        ("x-env-quality", " 80"),
        ("x-env-quality", "٨٠"),
        ("x-env-resized-path", ""),
        ("x-env-resized-path", "/resized"),
        ("x-env-resized-path", "resized/"),
        ("x-env-resized-path", "a//b"),
        ("x-env-resized-path", "a/../b"),
        ("x-env-resized-path", "é"),
        ("x-env-sizes", ""),
        ("x-env-sizes", '{"S":[0,1]}'),
        ("x-env-cache-control", ""),
        ("x-env-cache-control", "public,  max-age=5"),
        ("x-env-originals", ""),
        ("x-env-originals", "Cleaned"),
        ("x-env-originals", "raw"),
        ("x-env-purge-on-change", ""),
        ("x-env-purge-on-change", "1"),
    ],
)
def test_bad_values(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(request({**GOOD, name: value}), {})
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(name)


def test_every_problem_is_reported_at_once() -> None:
    headers = {"x-env-bucket-name": "A", "x-env-quality": "x", "x-env-sizes": '{"a b":[1,1],"c":[]}'}
    with pytest.raises(SettingsError) as caught:
        read_settings(request(headers, path="/folder"), {})
    assert [problem.split(" must")[0] for problem in caught.value.problems] == [
        "x-env-bucket-name",
        "x-env-bucket-region",
        "x-env-quality",
        "x-env-resized-path",
        "the origin",
        "x-env-sizes: size name 'a b'",
        "x-env-sizes: size 'c'",
    ]


def test_the_memory_of_the_function_sets_the_limits() -> None:
    small = read_settings(request(GOOD), {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512"}).limits
    assert small == Limits.within(512)
    assert read_settings(request(GOOD), {}).limits == Limits.within(1_769)
