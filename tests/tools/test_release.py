"""The archive of a release, with placeholders of the zips."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from tools.build.archive import pack
from tools.build.manifest import FunctionZip, Manifest
from tools.console import ToolError
from tools.paths import PROJECT
from tools.release import release

LINKS = ("LICENSE", "docs", "functions", "libs", "terraform")
FUNCTIONS = ("edge_resize", "object_lambda")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project with version 1.2.3 in its changelog, and two zips."""
    project = tmp_path / "project"
    dist = project / "dist"
    dist.mkdir(parents=True)
    for name in LINKS:
        (project / name).symlink_to(PROJECT / name)
    (project / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-11-30\n")
    zips = []
    for name in FUNCTIONS:
        content = pack({f"{name}/handler.py": name.encode()})
        (dist / f"{name}.zip").write_bytes(content)
        zips.append(
            FunctionZip(
                inputs_sha256="0" * 64,
                name=name,
                python="3.13.0",
                sha256=hashlib.sha256(content).hexdigest(),
                size_bytes=len(content),
                unpacked_bytes=len(name),
                wheels=(),
            )
        )
    (dist / "manifest.json").write_text(Manifest(functions=tuple(zips)).to_json())
    return project


def test_the_archive_has_everything_that_the_module_reads(project: Path) -> None:
    path = release("1.2.3", project=project)
    assert path == project / "dist" / "edge-images-1.2.3.zip"
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        manifest = json.loads(archive.read("manifest.json"))
        zips = {name: archive.read(f"dist/{name}.zip") for name in FUNCTIONS}
    assert manifest["version"] == "1.2.3"
    assert {name: entry["sha256"] for name, entry in manifest["functions"].items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in zips.items()
    }
    assert names >= {
        *("CHANGELOG.md", "LICENSE", "docs/deploy.md", "functions/viewer_request/index.js"),
        *("modules/bucket/main.tf", "modules/edge_images/README.md", "modules/edge_images/variables.tf"),
    }
    assert not [name for name in names if "/tests/" in name or ".terraform" in name or "tfvars" in name]


def test_every_link_in_the_archive_has_a_target(project: Path, tmp_path: Path) -> None:
    """Folders have other places in the archive than in the repository, and some are missing there."""
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(release("1.2.3", project=project)) as archive:
        archive.extractall(unpacked)
    links = {
        (path.relative_to(unpacked).as_posix(), link)
        for path in unpacked.rglob("*.md")
        for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text("utf-8"))
        if not re.match("[a-z]+:", link)
    }
    assert links >= {
        ("docs/deploy.md", "../modules/edge_images/README.md#what-teams-set"),
        ("docs/deploy.md", "../examples"),
        ("docs/deploy.md", "operate.md"),
        ("modules/edge_images/README.md", "../../docs/deploy.md#upgrade-and-roll-back"),
        ("modules/edge_images/README.md", "#releases"),
    }
    broken = [
        (name, link)
        for name, link in links
        if not (unpacked / name).parent.joinpath(link.partition("#")[0]).resolve().exists()
        and not link.startswith("#")
    ]
    assert broken == []
    readme = (unpacked / "modules" / "edge_images" / "README.md").read_text("utf-8")
    assert "which is also that of the root |" in readme, "The root module is not in the archive."


def test_nothing_in_the_module_is_read_from_another_place() -> None:
    """A path up from the module leads to another place in a release than in the repository."""
    for path in (PROJECT / "terraform" / "modules" / "edge_images").glob("*.tf"):
        if path.name != "packages.tf":
            assert "path.module" not in path.read_text("utf-8"), f"{path.name}: use local.product"


def test_the_archive_is_reproducible(project: Path, tmp_path: Path) -> None:
    first, second = (release("1.2.3", project=project, out=tmp_path / name) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("version", "message"),
    [("v1.2.3", "is not a number like"), ("1.2", "is not a number like"), ("2.0.0", r"no section \[2.0.0\]")],
)
def test_a_version_has_a_section_in_the_changelog(project: Path, version: str, message: str) -> None:
    with pytest.raises(ToolError, match=message):
        release(version, project=project)


@pytest.mark.parametrize(
    ("unreleased", "warns"),
    [("", False), ("### Added\n\n", False), ("### Added\n\n- Images of [cats](cat.md).\n", True)],
)
def test_a_warning_of_changes_that_are_not_in_the_section(
    project: Path, capsys: pytest.CaptureFixture[str], unreleased: str, *, warns: bool
) -> None:
    text = f"# Changelog\n\n## [Unreleased]\n\n{unreleased}\n## [1.2.3] - 2026-11-30\n\n- Images of dogs.\n"
    (project / "CHANGELOG.md").write_text(text)
    release("1.2.3", project=project)
    warning = (
        "The archive has the changes in [Unreleased] of CHANGELOG.md too: move them to the section of a "
        "version before you publish the archive.\n"
    )
    assert capsys.readouterr().err == (warning if warns else "")


def test_a_zip_of_another_build_is_refused(project: Path) -> None:
    (project / "dist" / "object_lambda.zip").write_bytes(b"another")
    with pytest.raises(ToolError, match=r"object_lambda\.zip is not the zip of .* Run: \./invokew build"):
        release("1.2.3", project=project)
    (project / "dist" / "manifest.json").unlink()
    with pytest.raises(ToolError, match=r"manifest\.json is missing"):
        release("1.2.3", project=project)
