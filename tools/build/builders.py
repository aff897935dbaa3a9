"""Where the locked wheels are fetched: in the Lambda build image, or here."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.build.network import ca_bundle, index_of_uv, pip_settings, settings_for_container
from tools.build.wheels import DOWNLOAD
from tools.console import ToolError, step
from tools.process import CommandError, clean_environment, run

DEFAULT_IMAGE = "public.ecr.aws/lambda/python:3.13"

_ENGINE_TIMEOUT_SECONDS = 30.0
_DOCKER_ITSELF_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127  # docker run: exit status
_FOLDER_INSIDE = "/build"
_CA_BUNDLE_INSIDE = "/etc/ca-bundle.pem"


class Builder(Protocol):
    """A place with CPython 3.13 and pip; as a string, its name for the person who waits."""

    def fetch(self, folder: Path) -> None:
        """Fetch the wheels that `requirements.txt` of a folder locks into its `wheels`.

        Raises:
            ToolError: it failed.
        """


@dataclass(frozen=True, kw_only=True)
class Host:
    """This Python; because says why it is not docker, where that was not asked for."""

    because: str = ""

    def __str__(self) -> str:
        return f"host, because {self.because}" if self.because else "host"

    def fetch(self, folder: Path) -> None:
        """See `Builder`."""
        try:
            run(
                [sys.executable, *DOWNLOAD],
                cwd=folder,
                environment=clean_environment() | index_of_uv(_pip_settings(), os.environ),
            )
        except CommandError as error:
            raise ToolError(f"The locked wheels cannot be fetched: {error.words}") from error


@dataclass(frozen=True, kw_only=True)
class Docker:
    """A container of an image, on this machine's network and with its certificates, proxies and indexes."""

    image: str

    def __str__(self) -> str:
        return f"docker, image {self.image}"

    def fetch(self, folder: Path) -> None:
        """See `Builder`."""
        try:
            self._run(folder)
        except CommandError as error:
            raise ToolError(self._sentence(error)) from error

    def _run(self, folder: Path) -> None:
        pip = _pip_settings()
        settings = settings_for_container(pip, os.environ)
        # The files in the folder belong to who builds, also when root in the container makes them.
        command = ["docker", "run", "--rm", "--network=host", f"--user={os.getuid()}:{os.getgid()}"]
        command += [
            f"--mount=type=bind,source={folder},target={_FOLDER_INSIDE}",
            f"--workdir={_FOLDER_INSIDE}",
        ]
        if bundle := ca_bundle(pip, os.environ):
            command.append(f"--mount=type=bind,source={bundle},target={_CA_BUNDLE_INSIDE},readonly")
            settings["PIP_CERT"] = _CA_BUNDLE_INSIDE
        # Names alone: a value may hold a password, which others could read off the command line.
        command += [f"--env={name}" for name in settings]
        run(
            [*command, "--entrypoint=python3.13", self.image, *DOWNLOAD],
            environment=clean_environment() | settings,
        )

    def _sentence(self, error: CommandError) -> str:
        if error.returncode in {_NOT_EXECUTABLE, _NOT_FOUND}:
            return f"The image {self.image} has no python3.13; name another with --image."
        if error.returncode == _DOCKER_ITSELF_FAILED:
            return f"Docker cannot run the image {self.image}: {error.words}"
        return f"The locked wheels cannot be fetched in the image {self.image}: {error.words}"


def _pip_settings() -> dict[str, str]:
    return pip_settings(run([sys.executable, "-I", "-m", "pip", "config", "list"]))


def choose(builder: str, image: str) -> Builder:
    """Take the builder that is asked for; "auto" is docker where an engine answers and has or gets the image.

    Args:
        builder: "auto", "docker" or "host".
        image: the build image for docker.

    Raises:
        ToolError: there is no such builder, or docker is asked for and cannot be used.
    """
    if builder == "host":
        return Host()
    if builder not in {"auto", "docker"}:
        raise ToolError(f"There is no builder {builder}; there are: auto, docker, host.")
    missing = _what_docker_lacks(image)
    if missing is None:
        return Docker(image=image)
    if builder == "docker":
        raise ToolError(f"Docker cannot build: {missing}; build without it: invoke build --builder host")
    return Host(because=missing)


def _what_docker_lacks(image: str) -> str | None:
    if shutil.which("docker") is None:
        return "Docker is not installed"
    if not _succeeds(["docker", "info"]):
        return "no Docker engine answers"
    if not _succeeds(["docker", "image", "inspect", image]):
        try:
            with step(f"pull {image}"):
                run(["docker", "pull", "--quiet", image])
        except CommandError as error:
            return f"the image {image} cannot be had ({error.words})"
    return None


def _succeeds(command: list[str]) -> bool:
    try:
        run(command, timeout_seconds=_ENGINE_TIMEOUT_SECONDS)
    except CommandError:
        return False
    return True
