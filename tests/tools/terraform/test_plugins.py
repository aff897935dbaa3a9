from pathlib import Path

import pytest

from tools.console import ToolError
from tools.terraform import find_plugin_dir

PROVIDER = Path("registry.terraform.io", "hashicorp", "aws", "5.100.0", "linux_amd64")


def mirror(folder: Path) -> Path:
    (folder / PROVIDER).mkdir(parents=True)
    return folder


def test_the_named_folder_is_preferred(tmp_path: Path) -> None:
    named = mirror(tmp_path / "named")
    mirror(tmp_path / "system" / "mirror")
    found = find_plugin_dir({"TF_PLUGIN_DIR": str(named)}, prefixes=(tmp_path / "system",))
    assert found == named


def test_a_named_folder_without_the_provider_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ToolError, match=r"TF_PLUGIN_DIR is .*, where there is no registry\.terraform\.io/hashicorp/aws"
    ):
        find_plugin_dir({"TF_PLUGIN_DIR": str(tmp_path)}, prefixes=())


@pytest.mark.parametrize("place", [".terraform.d/plugins", ".local/share/terraform/plugins"])
def test_user_folders_are_searched(tmp_path: Path, place: str) -> None:
    folder = mirror(tmp_path / place)
    assert find_plugin_dir({"HOME": str(tmp_path)}, prefixes=()) == folder


@pytest.mark.parametrize("place", [".", "mirror", "terraform/plugins"])
def test_system_folders_are_searched(tmp_path: Path, place: str) -> None:
    folder = mirror(tmp_path / place)
    assert find_plugin_dir({}, prefixes=(tmp_path / "absent", tmp_path)) == folder


def test_a_folder_without_the_provider_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "registry.terraform.io" / "hashicorp" / "google").mkdir(parents=True)
    assert find_plugin_dir({"HOME": str(tmp_path)}, prefixes=(tmp_path,)) is None
