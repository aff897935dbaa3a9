"""The docker builder in a real engine, which CI starts by `.ci/docker-engine`."""

import os
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.build import DEFAULT_IMAGE, build
from tools.build.builders import Docker
from tools.console import ToolError

CI_IMAGE = "edge-images/build-python:3.13"  # for machines without a registry; see .ci/docker-engine
EMPTY_IMAGE = "edge-images/without-python:test"
pytestmark = pytest.mark.xdist_group("docker")


def docker(*words: str | Path) -> bool:
    return subprocess.run(["docker", *words], check=False, capture_output=True).returncode == 0  # noqa: S603, S607  the client is where the system has it


@pytest.fixture(scope="module")
def image() -> str:
    """Name of a build image in an engine that responds."""
    try:
        responds = docker("info")
    except FileNotFoundError:
        responds = False
    if not responds and os.environ.get("CI") == "true":
        pytest.fail("CI has no Docker engine: .ci/docker-engine starts one.")
    if not responds:
        pytest.skip("no Docker engine responds")
    return CI_IMAGE if docker("image", "inspect", CI_IMAGE) else DEFAULT_IMAGE


@pytest.fixture(autouse=True)
def uv_of_the_container(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the usual index beside that of the tests: the uv for the container comes from there."""
    if "index" in request.fixturenames:
        monkeypatch.setenv("UV_INDEX", request.getfixturevalue("index"))
        for name in ("UV_DEFAULT_INDEX", "UV_CACHE_DIR"):
            monkeypatch.delenv(name)


@pytest.fixture
def image_without_python(image: str, tmp_path: Path) -> Iterator[str]:
    assert image
    with tarfile.open(tmp_path / "empty.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("etc/hostname"))
    assert docker("import", tmp_path / "empty.tar", EMPTY_IMAGE)
    yield EMPTY_IMAGE
    docker("image", "rm", "--force", EMPTY_IMAGE)


def test_docker_and_host_give_the_same_bytes(project: Path, image: str) -> None:
    files = {}
    for builder in ("docker", "host"):
        out = project / "dist" / builder
        build(builder=builder, image=image, project=project, out=out)
        files[builder] = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(files["docker"]) == ["hello.zip", "manifest.json", "plain.zip"]
    assert files["docker"] == files["host"]


def test_edge_resize_too(tmp_path: Path, image: str) -> None:
    for builder in ("docker", "host"):
        build(["edge_resize"], builder=builder, image=image, out=tmp_path / builder)
    for name in ("edge_resize.zip", "manifest.json"):
        assert (tmp_path / "docker" / name).read_bytes() == (tmp_path / "host" / name).read_bytes()


def test_files_of_the_container_belong_to_the_user(project: Path, image: str) -> None:
    folder = project / "functions" / "hello"
    Docker(image=image).install(folder)
    installed = list((folder / "tree").rglob("*"))
    assert folder / "tree" / "tiny" / "__init__.py" in installed
    assert {path.stat().st_uid for path in installed} == {os.getuid()}


def test_auto_prints_that_docker_is_used(
    project: Path, image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    build(["plain"], image=image, project=project)
    assert capsys.readouterr().out.startswith(f"builder: docker, image {image}\n")


def test_an_image_without_python_is_one_sentence(project: Path, image_without_python: str) -> None:
    with pytest.raises(
        ToolError, match=rf"The image {image_without_python} has no python3\.13; name another"
    ):
        build(["hello"], builder="docker", image=image_without_python, project=project)
    assert list((project / "dist").iterdir()) == []


def test_a_missing_image_is_one_sentence(project: Path, image: str) -> None:
    assert image
    missing = "127.0.0.1:9/example/missing:1"
    with pytest.raises(
        ToolError, match=rf"Docker cannot build: the image {missing} cannot be pulled \(.+\); build without"
    ):
        build(["hello"], builder="docker", image=missing, project=project)
