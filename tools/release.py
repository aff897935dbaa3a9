"""A release: one archive with the modules of Terraform, the zips of the functions and a manifest.

A configuration uses the archive as the source of a module, so that a deployment needs neither a build nor
Python or Docker:

    source = "https://example.com/edge-images-1.0.0.zip//modules/edge_images"
"""

import hashlib
import json
import posixpath
import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from tools.build.archive import pack
from tools.build.manifest import FunctionZip, Manifest
from tools.console import ToolError
from tools.paths import PROJECT

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_DOCUMENTS = ("CHANGELOG.md", "LICENSE", "docs/*.md", "docs/*.svg", "functions/*/README.md")
_TERRAFORM = "terraform/"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_UNRELEASED = re.compile(r"^## \[Unreleased\]\n((?:(?!## ).*\n)*)", re.MULTILINE)
# Files of the product that the module reads besides the zips.
_READ = re.compile(r'"\$\{local\.product\}/([^"$]+)"')


def release(version: str, *, project: Path = PROJECT, out: Path | None = None) -> Path:
    """Write the archive of a release. Its bytes depend on the version and on the files in the archive alone.

    Args:
        version: number like 1.0.0, which has a section in CHANGELOG.md.
        project: root of the project, with built zips in `dist`.
        out: folder of the archive; None: `dist` of the project.

    Returns:
        The archive, `edge-images-VERSION.zip`.

    Raises:
        ToolError: the version is not a number like 1.0.0 or has no section in CHANGELOG.md, or a zip is
            missing or not the one in the manifest.
    """
    check_version(version, project=project)
    functions = _read_manifest(project).functions
    files = {
        "manifest.json": _make_manifest(version, functions),
        **{f"dist/{function.name}.zip": _read_zip(project, function) for function in functions},
        **_place_files({**_read_documents(project), **dict(_read_modules(project))}),
    }
    out = out or project / "dist"
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"edge-images-{version}.zip"
    path.write_bytes(pack(files))
    if _has_unreleased_changes(project):
        print(
            "The archive has the changes in [Unreleased] of CHANGELOG.md too: move them to the section of a "
            "version before you publish the archive.",
            file=sys.stderr,
        )
    return path


def check_version(version: str, *, project: Path = PROJECT) -> None:
    """Refuse a version that is no number like 1.0.0, or has no section in CHANGELOG.md.

    Raises:
        ToolError: the version is refused.
    """
    if not _VERSION.fullmatch(version):
        raise ToolError(f"The version {version!r} is not a number like 1.0.0.")
    changelog = (project / "CHANGELOG.md").read_text("utf-8")
    if not re.search(rf"^## \[{re.escape(version)}\]", changelog, re.MULTILINE):
        raise ToolError(
            f"CHANGELOG.md has no section [{version}]: rename [Unreleased], and add an empty one."
        )


def _has_unreleased_changes(project: Path) -> bool:
    section = _UNRELEASED.search((project / "CHANGELOG.md").read_text("utf-8"))
    return section is not None and "\n- " in section[1]


def _read_manifest(project: Path) -> Manifest:
    manifest = Manifest.read(project / "dist" / "manifest.json")
    if not manifest.functions:
        raise ToolError("dist/manifest.json is missing. Run: ./invokew build")
    return manifest


def _make_manifest(version: str, functions: tuple[FunctionZip, ...]) -> bytes:
    hashes = {function.name: {"sha256": function.sha256} for function in functions}
    return (json.dumps({"version": version, "functions": hashes}, indent=2) + "\n").encode()


def _read_zip(project: Path, function: FunctionZip) -> bytes:
    path = project / "dist" / f"{function.name}.zip"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != function.sha256:
        raise ToolError(f"dist/{path.name} is not the zip of dist/manifest.json. Run: ./invokew build")
    return content


def _place_files(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files by their names in the archive, where modules and examples are at the top."""
    names = {_place(name) for name in files}
    return {
        _place(name): _adapt_links(content.decode(), name, names).encode()
        if name.endswith(".md")
        else content
        for name, content in files.items()
    }


def _place(name: str) -> str:
    """Return the name that a file or folder of the project has in the archive."""
    return name.removeprefix(_TERRAFORM)


def _adapt_links(text: str, document: str, names: Collection[str]) -> str:
    """Return a document with links for the archive. A link to a file that is not there becomes its text.

    Args:
        text: the document, in Markdown.
        document: name of the document in the project.
        names: names of the files in the archive.
    """

    def adapt(link: re.Match[str]) -> str:
        mark, label, target, anchor = link.groups("")
        if re.match("[a-z]+:", target):
            return link[0]
        name = _place(posixpath.normpath(posixpath.join(posixpath.dirname(document), target)))
        if name not in names and not any(each.startswith(f"{name}/") for each in names):
            return label
        relative = posixpath.relpath(name, posixpath.dirname(_place(document)) or ".")
        return f"{mark}[{label}]({relative}{anchor})"

    return _LINK.sub(adapt, text)


def _read_documents(project: Path) -> dict[str, bytes]:
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for pattern in _DOCUMENTS
        for path in sorted(project.glob(pattern))
    }


def _read_modules(project: Path) -> Iterator[tuple[str, bytes]]:
    """Yield modules and examples without their tests, and the files that `edge_images` reads."""
    terraform = project / "terraform"
    for part in ("examples", "modules"):
        for path in sorted((terraform / part).rglob("*")):
            inside = path.relative_to(project)
            is_code = path.suffix in {".tf", ".md"} and not {".terraform", "tests"} & set(inside.parts)
            if path.is_file() and is_code:
                yield inside.as_posix(), path.read_bytes()
    for path in sorted((terraform / "modules" / "edge_images").glob("*.tf")):
        for name in _READ.findall(path.read_text("utf-8")):
            if name != "dist":
                yield name, (project / name).read_bytes()
