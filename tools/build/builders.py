"""Where `install.py` runs: in the Lambda build image, or here."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.build.network import ca_bundle, index_of_uv, pip_settings, settings_for_container
from tools.build.process import CommandError, run
from tools.console import ToolError

DEFAULT_IMAGE = "public.ecr.aws/lambda/python:3.13"

_ENGINE_TIMEOUT_SECONDS = 5.0
_DOCKER_ITSELF_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127  # docker run: exit status
_FOLDER_INSIDE = "/build"
_CA_BUNDLE_INSIDE = "/etc/ca-bundle.pem"


class Builder(Protocol):
    """A place with CPython 3.13 and pip; as a string, its name for the person who waits."""

    def install(self, folder: Path) -> None:
        """Run the `install.py` that lies in a folder, in that folder.

        Raises:
            ToolError: it failed.
        """


@dataclass(frozen=True, kw_only=True)
class Host:
    """This Python."""

    def __str__(self) -> str:
        return "host"

    def install(self, folder: Path) -> None:
        """See `Builder`."""
        try:
            run([sys.executable, "-I", "install.py"], cwd=folder, extra_environment=index_of_uv(os.environ))
        except CommandError as error:
            raise ToolError(f"The build failed: {error.words}") from error


@dataclass(frozen=True, kw_only=True)
class Docker:
    """A container of an image, on this machine's network and with its certificates, proxies and indexes."""

    image: str

    def __str__(self) -> str:
        return f"docker, image {self.image}"

    def install(self, folder: Path) -> None:
        """See `Builder`."""
        try:
            self._run(folder)
        except CommandError as error:
            raise ToolError(self._sentence(error)) from error

    def _run(self, folder: Path) -> None:
        pip = pip_settings(run([sys.executable, "-I", "-m", "pip", "config", "list"]))
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
        run([*command, "--entrypoint=python3.13", self.image, "-I", "install.py"], extra_environment=settings)

    def _sentence(self, error: CommandError) -> str:
        if error.returncode in {_NOT_EXECUTABLE, _NOT_FOUND}:
            return f"The image {self.image} has no python3.13; name another with --image."
        if error.returncode == _DOCKER_ITSELF_FAILED:
            return f"Docker cannot run the image {self.image}: {error.words}"
        return f"The build in the image {self.image} failed: {error.words}"


def choose(builder: str, image: str) -> Builder:
    """Take the builder that is asked for; "auto" is docker if an engine answers, else the host.

    Args:
        builder: "auto", "docker" or "host".
        image: the build image for docker.

    Raises:
        ToolError: there is no such builder, or docker is asked for and no engine answers.
    """
    if builder not in {"auto", "docker", "host"}:
        raise ToolError(f"There is no builder {builder}; there are: auto, docker, host.")
    missing = None if builder == "host" else _why_no_engine()
    if builder == "host" or (builder == "auto" and missing):
        return Host()
    if missing:
        raise ToolError(f"{missing}; start one, or build without it: invoke build --builder host")
    return Docker(image=image)


def _why_no_engine() -> str | None:
    if shutil.which("docker") is None:
        return "Docker is not installed"
    try:
        run(["docker", "info", "--format", "{{.ServerVersion}}"], timeout_seconds=_ENGINE_TIMEOUT_SECONDS)
    except CommandError:
        return "No Docker engine answers"
    return None
