from pathlib import Path

from tools.terraform import make_working_copy

PROJECT = Path(__file__).resolve().parents[3]


def test_a_copy_has_the_configuration_and_the_zips(tmp_path: Path) -> None:
    dist = tmp_path / "zips"
    dist.mkdir()
    copy = make_working_copy(tmp_path / "work", dist=dist, files={"local_override.tf": "locals {}\n"})
    assert (copy / "local_override.tf").read_text() == "locals {}\n"
    assert (copy / ".." / "dist").resolve() == dist
    for path in (PROJECT / "terraform").rglob("*.tf"):
        inside = path.relative_to(PROJECT / "terraform")
        # Isolation removes the roles of the providers of two environments.
        if ".terraform" not in inside.parts and "two_environments" not in inside.parts:
            assert (copy / inside).read_bytes() == path.read_bytes()


def test_an_update_keeps_state_and_providers(tmp_path: Path) -> None:
    copy = make_working_copy(tmp_path, files={"local_override.tf": "locals {}\n"})
    (copy / "terraform.tfstate").write_text("the state")
    (copy / ".terraform").mkdir()
    (copy / ".terraform" / "plugin.tf").write_text("not ours")
    (copy / "variables.tf").write_text("locals {}\n")
    (copy / "modules" / "removed.tf").write_text("locals {}\n")

    make_working_copy(tmp_path)

    assert (copy / "terraform.tfstate").read_text() == "the state"
    assert (copy / ".terraform" / "plugin.tf").read_text() == "not ours"
    assert (copy / "variables.tf").read_bytes() == (PROJECT / "terraform" / "variables.tf").read_bytes()
    assert not (copy / "modules" / "removed.tf").exists()
    assert not (copy / "local_override.tf").exists()
