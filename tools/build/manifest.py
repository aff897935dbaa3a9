"""What was built, for a person and for programs: `manifest.json`."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel whose files are in a zip."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class FunctionZip:
    """A function's zip: its size, what it unpacks to, its SHA-256 in hexadecimal digits, its wheels.

    python is the release of CPython that made the bytecode. Releases of 3.13 can run each other's,
    but do not always write the same.
    """

    name: str
    python: str
    sha256: str
    size_bytes: int
    unpacked_bytes: int
    wheels: tuple[Wheel, ...]


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All zips that lie beside the manifest, sorted by name."""

    functions: tuple[FunctionZip, ...]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a manifest; one that is missing or damaged is empty, because it can be made again."""
        try:
            functions = json.loads(path.read_text(encoding="utf-8"))["functions"]
            zips = [
                FunctionZip(**zip_ | {"wheels": tuple(Wheel(**wheel) for wheel in zip_["wheels"])})
                for zip_ in functions
            ]
        except (OSError, ValueError, TypeError, KeyError):
            return cls(functions=())
        return cls(functions=tuple(zips))

    def with_zips(self, zips: tuple[FunctionZip, ...]) -> "Manifest":
        """Put zips in, in place of those of the same name."""
        merged = {zip_.name: zip_ for zip_ in (*self.functions, *zips)}
        return Manifest(functions=tuple(merged[name] for name in sorted(merged)))

    def to_json(self) -> str:
        """Write it out: sorted and stable."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"
