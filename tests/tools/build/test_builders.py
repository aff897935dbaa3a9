from pathlib import Path

import pytest

from tools.build.builders import Docker, Host, choose
from tools.console import ToolError

IMAGE = "registry.example/python:3.13"

# Docker clients as shell scripts, by the situation that they simulate.
NO_ENGINE = "exit 1"
NO_IMAGE = 'case "$1" in image|pull) echo "Error response from daemon: no such host" >&2; exit 1;; esac'
PULLS = 'case "$1" in image) exit 1;; esac'
READY = "exit 0"


@pytest.fixture
def docker_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Path of the only docker client on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "docker"


def write(client: Path, script: str) -> None:
    client.write_text(f"#!/bin/sh\n{script}\n")
    client.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (None, "host, because Docker is not installed"),
        (NO_ENGINE, "host, because no Docker engine responds"),
        (
            NO_IMAGE,
            f"host, because the image {IMAGE} cannot be pulled (Error response from daemon: no such host)",
        ),
        (PULLS, f"docker, image {IMAGE}"),
        (READY, f"docker, image {IMAGE}"),
    ],
)
def test_auto_uses_docker_if_possible(docker_client: Path, script: str | None, expected: str) -> None:
    if script:
        write(docker_client, script)
    assert str(choose("auto", IMAGE)) == expected


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (None, "Docker is not installed"),
        (NO_ENGINE, "no Docker engine responds"),
        (NO_IMAGE, rf"the image {IMAGE} cannot be pulled \(Error response from daemon: no such host\)"),
    ],
)
def test_docker_does_not_fall_back_to_the_host(docker_client: Path, script: str | None, reason: str) -> None:
    if script:
        write(docker_client, script)
    with pytest.raises(
        ToolError, match=rf"Docker cannot build: {reason}; build without it: ./invokew build --builder host"
    ):
        choose("docker", IMAGE)


def test_the_host_does_not_call_docker(docker_client: Path) -> None:
    write(docker_client, f": >{docker_client}.called")
    assert choose("host", IMAGE) == Host()
    assert not Path(f"{docker_client}.called").exists()


def test_an_unknown_builder_is_named_with_the_known_ones() -> None:
    with pytest.raises(ToolError, match=r"There is no builder podman; there are: auto, docker, host\."):
        choose("podman", IMAGE)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (125, rf"Docker cannot run the image {IMAGE}: docker: bad mount"),
        (127, rf"The image {IMAGE} has no python3\.13; name another with --image\."),
        (1, rf"The locked wheels cannot be installed in the image {IMAGE}: docker: bad mount"),
    ],
)
def test_an_error_of_docker_is_one_sentence(docker_client: Path, code: int, sentence: str) -> None:
    write(docker_client, f"[ $1 = image ] && exit; echo 'docker: bad mount' >&2; exit {code}")
    with pytest.raises(ToolError, match=sentence):
        Docker(image=IMAGE).install(docker_client.parent)


def test_secrets_of_an_index_are_not_on_the_command_line(
    docker_client: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX_MIRROR_PASSWORD", "pass-word")
    write(docker_client, f'echo "$@" >{docker_client}.arguments; /usr/bin/env >{docker_client}.environment')
    Docker(image=IMAGE).install(docker_client.parent)
    arguments = Path(f"{docker_client}.arguments").read_text()
    assert "--env=UV_INDEX_MIRROR_PASSWORD " in arguments
    assert "pass-word" not in arguments
    assert "UV_INDEX_MIRROR_PASSWORD=pass-word\n" in Path(f"{docker_client}.environment").read_text()
