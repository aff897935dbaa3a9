"""Selection and upload of the images."""

import os
from pathlib import Path

import boto3
import pytest
from image_format import Format
from moto import mock_aws

from tools.console import ToolError
from tools.local.examples import SUFFIXES
from tools.local.images import FORMATS, find_images, find_other_files, is_supported_image, upload
from tools.paths import PROJECT, SAMPLES


def test_images_are_found_in_subfolders(tmp_path: Path) -> None:
    for name in ("a.jpg", "x/b c+d%.PNG", "写真/é.webp", ".hidden.jpg", ".git/c.jpg", "README.md", "notes"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    found = find_images(tmp_path)
    assert set(found) == {"a.jpg", "x/b c+d%.PNG", "写真/é.webp"}
    assert found["x/b c+d%.PNG"].read_bytes() == b"x/b c+d%.PNG"
    assert find_other_files(tmp_path) == ["README.md", "notes"]


def test_the_samples_are_found() -> None:
    found = find_images(SAMPLES)
    assert {"cat.jpg", "cat.png", "coffee.mpo", "orientation/6.jpg", "broken/text.jpg"} <= set(found)
    assert "README.md" not in found


def test_the_tools_have_every_format() -> None:
    assert {*FORMATS} == {*Format}
    assert {*SUFFIXES} == {f".{extension}" for each in Format for extension in each.extensions}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("images/cat.webp", True), ("images/broken/text.jpg", False), ("cases/icc-1300k.png", False)],
)
def test_a_file_that_pillow_cannot_open_is_no_example(name: str, *, expected: bool) -> None:
    assert is_supported_image(PROJECT / "tests" / name) is expected


@pytest.mark.parametrize("content", [None, "README.md"])
def test_a_folder_without_images(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / content).touch()
    with pytest.raises(ToolError, match=r"no image in .*--images"):
        find_images(tmp_path)


def test_a_name_that_is_not_utf8_is_rejected(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"latin\xe9.jpg")).touch()
    with pytest.raises(ToolError, match=r"latin.*UTF-8.*rename"):
        find_images(tmp_path)


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"no folder .*nowhere.*--images"):
        find_images(tmp_path / "nowhere")


def test_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("a.jpg", "b.webp", "c.mpo"):
        (tmp_path / name).write_bytes(name.encode())
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1")
        client.create_bucket(Bucket="images")
        upload(client, "images", find_images(tmp_path))
        stored = {name: client.get_object(Bucket="images", Key=name) for name in ("a.jpg", "b.webp", "c.mpo")}
        assert {name: got["ContentType"] for name, got in stored.items()} == {
            "a.jpg": "image/jpeg",
            "b.webp": "image/webp",
            "c.mpo": "image/jpeg",
        }
        assert stored["b.webp"]["Body"].read() == b"b.webp"
