"""README.es.md is README.md in Spanish: the same headings, commands, code, tables and links, in order."""

import re

import pytest

from tools.paths import PROJECT

ENGLISH = (PROJECT / "README.md").read_text("utf-8")
SPANISH = (PROJECT / "README.es.md").read_text("utf-8")
LANGUAGES = {"README.es.md", "README.md"}
"""Links from each document to the other."""


def find_headings(text: str) -> list[str]:
    """Return the level of each heading."""
    return re.findall(r"^(#+) ", text, re.MULTILINE)


def find_commands(text: str) -> list[str]:
    """Return the commands without their comments."""
    return re.findall(r"^ {4}(\./invokew.*?) *(?:#.*)?$", text, re.MULTILINE)


def find_blocks(text: str) -> list[str]:
    """Return the blocks of code. The text in `alt` is translated."""
    blocks = re.findall(r"^```.*?^```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(r'alt="[^"]*"', 'alt=""', block) for block in blocks]


def find_rows(text: str) -> list[int]:
    """Return the number of cells of each row of the tables."""
    return [line.count("|") for line in text.splitlines() if line.startswith("|")]


def find_links(text: str) -> list[str]:
    """Return the targets of all links and images."""
    found = re.findall(r"""\]\(([^)\s]+)\)|src="(docs/[^"]+)\"""", text)
    return [link or image for link, image in found if link not in LANGUAGES]


def find_names(text: str) -> list[str]:
    """Return words in the font of code, such as variables and variants, in alphabetical order."""
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return sorted(re.findall(r"`([^`\n]+)`", outside))


@pytest.mark.parametrize(
    "find", [find_headings, find_commands, find_blocks, find_rows, find_links, find_names]
)
def test_both_documents_have_the_same(find: object) -> None:
    """Change README.es.md together with README.md."""
    assert callable(find)
    assert find(ENGLISH)
    assert find(SPANISH) == find(ENGLISH)


def test_each_document_links_to_the_other() -> None:
    assert "](README.es.md)" in ENGLISH
    assert "](README.md)" in SPANISH


def test_the_spanish_document_is_one_screen() -> None:
    assert len(SPANISH.splitlines()) <= len(ENGLISH.splitlines()) + 5


@pytest.mark.parametrize(
    ("find", "text", "found"),
    [
        (find_headings, "# A\n\n## B\n", ["#", "##"]),
        (find_commands, "    ./invokew up --detach   # wait\n", ["./invokew up --detach"]),
        (find_links, "[a](b.md#c) ![d](e.webp) [f](README.md)", ["b.md#c", "e.webp"]),
        (find_links, '<img src="docs/a.webp" alt="A">', ["docs/a.webp"]),
        (find_rows, "| a | b |\n|---|---|\n", [3, 3]),
        (find_names, "`b` and `a`\n```\n`c`\n```\n", ["a", "b"]),
        (find_blocks, '```html\n<img alt="A photo">\n```\n', ['```html\n<img alt="">\n```']),
    ],
)
def test_the_searches(find: object, text: str, found: list[object]) -> None:
    assert callable(find)
    assert find(text) == found
