"""Tables, commands and links of the README."""

import re
import subprocess
import sys

import pytest
from image_query import DEFAULT_SIZES

from tools.paths import PROJECT

README = (PROJECT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "box"), DEFAULT_SIZES.items())
def test_every_size_is_named_with_its_box(name: str, box: tuple[int, int]) -> None:
    width, height = box
    assert f"`{name}` {width}" + ("" if width == height else f"x{height}") in README


def test_every_command_is_a_task() -> None:
    listing = subprocess.run(
        [sys.executable, "-m", "invoke", "--list"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    tasks = set(re.findall(r"^  ([\w-]+)", listing, re.MULTILINE))
    named = set(re.findall(r"(?:\./invokew|`invoke) ([a-z]+)", README))
    assert named
    assert named <= tasks


def test_every_link_into_the_project_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert targets
    assert [target for target in targets if not (PROJECT / target).exists()] == []
