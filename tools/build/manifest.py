"""Manifest of the built zips: `manifest.json`."""

import json
from collections.abc import Container
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel that was installed into a zip."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class FunctionZip:
    """The zip of a function.

    Attributes:
        inputs_sha256: SHA-256 of everything that the zip is made of, see `tools.build.inputs`.
        name: name of the function.
        python: release of CPython that compiled the bytecode. Releases of 3.13 can run each other's
            bytecode, but may compile the same source differently.
        sha256: SHA-256 of the zip in hexadecimal digits.
        size_bytes: size of the zip.
        unpacked_bytes: total size of the files in the zip.
        wheels: wheels that were installed into the zip.
    """

    inputs_sha256: str
    name: str
    python: str
    sha256: str
    size_bytes: int
    unpacked_bytes: int
    wheels: tuple[Wheel, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All zips in the folder of the manifest, sorted by name."""

    functions: tuple[FunctionZip, ...]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a manifest. A missing or damaged file counts as empty, since builds restore the entries."""
        try:
            functions = json.loads(path.read_text(encoding="utf-8"))["functions"]
            zips = [
                FunctionZip(**zip_ | {"wheels": tuple(Wheel(**wheel) for wheel in zip_["wheels"])})
                for zip_ in functions
            ]
        except (OSError, ValueError, TypeError, KeyError):
            return cls(functions=())
        return cls(functions=tuple(zips))

    @property
    def names(self) -> set[str]:
        """Names of the functions."""
        return {zip_.name for zip_ in self.functions}

    def update(self, zips: tuple[FunctionZip, ...], names: Container[str]) -> "Manifest":
        """Return a manifest with some zips added or replaced, by name, and without those of other names."""
        merged = {zip_.name: zip_ for zip_ in (*self.functions, *zips) if zip_.name in names}
        return Manifest(functions=tuple(merged[name] for name in sorted(merged)))

    def to_json(self) -> str:
        """Return the text of the file, with sorted keys."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"
