"""Installation of the locked wheels in the Lambda build image, or on this machine."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tools.build.network import find_ca_bundle, select_container_settings
from tools.build.wheels import LAMBDA_PLATFORM, REQUIREMENTS, TREE, make_install_arguments
from tools.console import ToolError, step
from tools.paths import PROJECT
from tools.process import CommandError, clean_environment, run

_BUILDERS = ("auto", "docker", "host")
DEFAULT_IMAGE = "public.ecr.aws/lambda/python:3.13"

_ENGINE_TIMEOUT_SECONDS = 30.0
# Exit codes of `docker run` (Docker CLI reference, "docker container run", "Exit status").
_DOCKER_FAILED, _NOT_EXECUTABLE, _NOT_FOUND = 125, 126, 127
_MOUNT = "/build"
_CA_BUNDLE_MOUNT = "/etc/ca-bundle.pem"
# Architecture of an image => platform of a uv that runs in the image.
_UV_PLATFORMS = {"amd64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}


class Builder(Protocol):
    """A place with CPython 3.13. As a string, the name to print."""

    def install(self, folder: Path) -> None:
        """Install the wheels that `requirements.txt` of a folder locks into `tree` beside that file.

        Raises:
            ToolError: the installation failed.
        """


@dataclass(frozen=True, kw_only=True)
class Host:
    """This Python. because: the reason why Docker was not taken; empty if the host was asked for."""

    because: str = ""

    def __str__(self) -> str:
        return f"host, because {self.because}" if self.because else "host"

    def install(self, folder: Path) -> None:
        """See `Builder`."""
        arguments = make_install_arguments(sys.executable, REQUIREMENTS, TREE, LAMBDA_PLATFORM)
        try:
            run([sys.executable, *arguments], cwd=folder)
        except CommandError as error:
            raise ToolError(f"The locked wheels cannot be installed: {error.words}") from error


@dataclass(frozen=True, kw_only=True)
class Docker:
    """A container of an image, with the network, certificates, proxies and indexes of this machine."""

    image: str

    def __str__(self) -> str:
        return f"docker, image {self.image}"

    def install(self, folder: Path) -> None:
        """See `Builder`. The uv for the container is left beside `tree`: an image need not have uv or pip."""
        try:
            self._install_uv(folder)
            self._run(folder)
        except CommandError as error:
            raise ToolError(self._explain(error)) from error

    def _install_uv(self, folder: Path) -> None:
        architecture = run(
            ["docker", "image", "inspect", "--format", "{{.Architecture}}", self.image]
        ).strip()
        lock = (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8")
        if not (pinned := re.search(r"^uv==(.*\\\n)*.*$", lock, re.MULTILINE)):
            raise ToolError("requirements-dev.txt does not pin uv; run: ./invokew lock")
        (folder / "uv.txt").write_text(pinned[0], encoding="utf-8")
        platform = _UV_PLATFORMS.get(architecture, LAMBDA_PLATFORM)
        run([sys.executable, *make_install_arguments(sys.executable, "uv.txt", "uv", platform)], cwd=folder)

    def _run(self, folder: Path) -> None:
        settings = {"PYTHONPATH": f"{_MOUNT}/uv", "UV_NO_CACHE": "1"} | select_container_settings(os.environ)
        # All files in the folder belong to the user of this process, not to root.
        command = ["docker", "run", "--rm", "--network=host", f"--user={os.getuid()}:{os.getgid()}"]
        command += [f"--mount=type=bind,source={folder},target={_MOUNT}", f"--workdir={_MOUNT}"]
        if bundle := find_ca_bundle(os.environ):
            command.append(f"--mount=type=bind,source={bundle},target={_CA_BUNDLE_MOUNT},readonly")
            settings["SSL_CERT_FILE"] = _CA_BUNDLE_MOUNT
        # Names alone: a value may hold a password, which others could read off the command line.
        command += [f"--env={name}" for name in settings]
        command += ["--entrypoint=python3.13", self.image]
        command += make_install_arguments("python3.13", REQUIREMENTS, TREE, LAMBDA_PLATFORM)
        run(command, environment=clean_environment() | settings)

    def _explain(self, error: CommandError) -> str:
        if error.returncode in {_NOT_EXECUTABLE, _NOT_FOUND}:
            return f"The image {self.image} has no python3.13; name another with --image."
        if error.returncode == _DOCKER_FAILED:
            return f"Docker cannot run the image {self.image}: {error.words}"
        return f"The locked wheels cannot be installed in the image {self.image}: {error.words}"


def require_builder(builder: str) -> None:
    """Refuse the name of a builder that does not exist.

    Raises:
        ToolError: there is no such builder.
    """
    if builder not in _BUILDERS:
        raise ToolError(f"There is no builder {builder}; there are: {', '.join(_BUILDERS)}.")


def choose(builder: str, image: str) -> Builder:
    """Choose the builder by name; "auto" is Docker if an engine responds and has the image or can pull it.

    Args:
        builder: "auto", "docker" or "host".
        image: the build image for Docker.

    Raises:
        ToolError: there is no such builder, or Docker is asked for and cannot be used.
    """
    require_builder(builder)
    if builder == "host":
        return Host()
    problem = _find_docker_problem(image)
    if problem is None:
        return Docker(image=image)
    if builder == "docker":
        raise ToolError(f"Docker cannot build: {problem}; build without it: ./invokew build --builder host")
    return Host(because=problem)


def _find_docker_problem(image: str) -> str | None:
    if shutil.which("docker") is None:
        return "Docker is not installed"
    if not _succeeds(["docker", "info"]):
        return "no Docker engine responds"
    if not _succeeds(["docker", "image", "inspect", image]):
        try:
            with step(f"pull {image}"):
                run(["docker", "pull", "--quiet", image])
        except CommandError as error:
            return f"the image {image} cannot be pulled ({error.words})"
    return None


def _succeeds(command: list[str]) -> bool:
    try:
        run(command, timeout_seconds=_ENGINE_TIMEOUT_SECONDS)
    except CommandError:
        return False
    return True
