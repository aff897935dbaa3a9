"""Options of the local stack, checked before anything is built or started."""

import json
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools.console import ToolError
from tools.local.images import find_images, find_other_files, format_left_out, is_supported_image
from tools.local.state import StateFolder, require_not_running
from tools.local.variables import merge_variables, read_variables, split_variables
from tools.paths import DIST, SAMPLES, STATE, TERRAFORM
from tools.terraform import find_variables, require_terraform

VARIANTS = ("edge_resize", "object_lambda", "regional_resize", "s3_trigger")
DEFAULT_VARIANTS = ("edge_resize",)
ORIGINS = ("function_url", "oac", "edge_signer")
"""Origins of the variant `object_lambda`; the first is Terraform's default."""
_MAX_PORT = 65_535
_VARIABLE_FILES = ("terraform.tfvars", "terraform.tfvars.json")


@dataclass(frozen=True, kw_only=True)
class StackOptions:
    """Options of a stack.

    Attributes:
        folder: folder of all files that the stack writes.
        port: port of the first variant on 127.0.0.1, the other variants follow; 0: any free ports.
        variants: variants to deploy, each once.
        images: folder of the images for the bucket.
        dist: folder of the zips.
        variables: values of other Terraform variables.
        emulator_environment: additional environment variables of the emulator and the functions.
    """

    folder: Path = STATE
    port: int = 0
    variants: Sequence[str] = DEFAULT_VARIANTS
    images: Path = SAMPLES
    dist: Path = DIST
    variables: Mapping[str, Any] = field(default_factory=dict)
    emulator_environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def state(self) -> StateFolder:
        """Files and locks in the folder of the stack."""
        return StateFolder(self.folder)

    def to_json(self) -> str:
        """Return the options as JSON, for the command line of `tools.local.serve`."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "StackOptions":
        """Parse the result of `to_json`."""
        values = json.loads(text)
        paths = {name: Path(values[name]) for name in ("folder", "images", "dist")}
        return cls(**values | paths | {"variants": tuple(values["variants"])})


def check_options(  # noqa: PLR0913  # the options of a command line
    *,
    port: int = 8080,
    variants: Sequence[str] | None = None,
    origin: str | None = None,
    images: Path = SAMPLES,
    var_file: Path | None = None,
    folder: Path = STATE,
    configuration: Path = TERRAFORM,
) -> StackOptions:
    """Check the options of a stack, and the requirements of the stack on this machine.

    Values in `terraform.tfvars` of the configuration are used. Values that need an AWS account are ignored.
    Their names are printed, and those of unknown variables and of files that are not uploaded.

    Args:
        port: port of the first variant, from 1.
        variants: variants to deploy; None: the value of the variable, else `DEFAULT_VARIANTS`.
        origin: one of `ORIGINS`; None: the value of the variable, else Terraform's default.
        images: folder of the images.
        var_file: additional values of variables, with precedence over those of the configuration.
        folder: folder of the stack.
        configuration: folder of the user's Terraform configuration.

    Raises:
        ToolError: the stack could not start with these options.
    """
    if origin is not None and origin not in ORIGINS:
        raise ToolError(f"There is no origin {origin}: choose from {', '.join(ORIGINS)}.")
    _check_variants(variants)
    folder = folder.resolve()
    _check_folder(folder)
    require_not_running(StateFolder(folder).stack_pid)
    _check_port(port, 1)
    find_images(images)
    require_terraform()
    values = _read_variables(configuration, var_file)
    if origin is not None:
        values = merge_variables(values, {"object_lambda": {"origin": origin}})
    found = values.pop("variants", None)
    if found is not None and not (isinstance(found, list) and all(isinstance(name, str) for name in found)):
        raise ToolError(f"The variable variants is a list of names, not {found!r}.")
    variants = tuple(dict.fromkeys(variants or found or DEFAULT_VARIANTS))
    _check_variants(variants)
    _check_port(port, len(variants))
    if images.resolve() != SAMPLES:
        _report_left_out(images, variants)
    return StackOptions(
        folder=folder, port=port, variants=variants, images=images.resolve(), variables=values
    )


def listen(port: int) -> socket.socket:
    """Listen on a port of 127.0.0.1; 0: any free port.

    Raises:
        ToolError: the port is not available.
    """
    try:
        return socket.create_server(("127.0.0.1", port), backlog=1024)
    except PermissionError as error:
        raise ToolError(f"Only root may use port {port}: choose one above 1023 with --port.") from error
    except OSError as error:
        raise ToolError(f"Port {port} is in use: free it, or choose another with --port.") from error


def _check_variants(variants: Sequence[str] | None) -> None:
    if variants is None:
        return
    unknown = sorted(set(variants) - set(VARIANTS))
    if unknown or not variants:
        known = ", ".join(VARIANTS)
        raise ToolError(f"There is no variant {', '.join(unknown) or '(none given)'}: choose from {known}.")


def _check_port(first: int, count: int) -> None:
    """Check one port for each variant."""
    for port in range(first, first + count):
        if not 0 < port <= _MAX_PORT:
            raise ToolError(f"There is no port {port}: choose one from 1 to {_MAX_PORT + 1 - count}.")
        try:
            listen(port).close()
        except ToolError as error:
            if count == 1:
                raise
            ports = f"the {count} variants take the ports {first} to {first + count - 1}"
            raise ToolError(f"{error.message} With --port {first}, {ports}.") from error


def _check_folder(folder: Path) -> None:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise ToolError(f"The local stack cannot write to {there}: it must be a folder that you own.")


def _report_left_out(images: Path, variants: Sequence[str]) -> None:
    """Print which files in the folder of the images are not uploaded."""
    if others := find_other_files(images):
        print(format_left_out(others, "the name is not that of an image"), flush=True)
    if "s3_trigger" in variants:
        found = find_images(images).items()
        if broken := [key for key, path in found if not is_supported_image(path)]:
            print(format_left_out(broken, "s3_trigger could not resize it"), flush=True)


def _read_variables(configuration: Path, var_file: Path | None) -> dict[str, object]:
    files = [file for name in _VARIABLE_FILES if (file := configuration / name).is_file()]
    files += [] if var_file is None else [var_file]
    values, ignored = split_variables(read_variables(files))
    if ignored:
        names = ", ".join(ignored)
        print(f"Set aside, since a local stack has its own values: {names}.", flush=True)
    if unknown := sorted(values.keys() - find_variables(TERRAFORM)):
        print(f"Without effect, since no variable has the name: {', '.join(unknown)}.", flush=True)
    return values
