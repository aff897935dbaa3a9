"""Positions of the statements in Terraform's files."""

from pathlib import Path

import pytest

from tools.terraform.hcl import HclError, Statement, read_statements

PROJECT = Path(__file__).resolve().parents[3]

type Outline = list[tuple[str, "str | Outline"]]


def outline(text: str, statements: tuple[Statement, ...]) -> Outline:
    """Return names and texts of attributes; names, labels and contents of blocks."""
    return [
        (found.name, found.value(text))
        if found.body is None
        else (" ".join((found.name, *found.labels)), outline(text, found.body))
        for found in statements
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("\ufeff# a comment\r\n// another\r\n/* and\n{ one */\r\n", []),
        ("a = 1", [("a", "1")]),
        ("a = 1\nb=[\n1,\n2 ]\n", [("a", "1"), ("b", "[\n1,\n2 ]")]),
        ('a = { "}" = 1 } # {\nb = "x"', [("a", '{ "}" = 1 }'), ("b", '"x"')]),
        ('a = "\\"}${ "}" }{"\nb = 1', [("a", '"\\"}${ "}" }{"'), ("b", "1")]),
        ('a = "$${"\nb = "%%{"\nc = 1', [("a", '"$${"'), ("b", '"%%{"'), ("c", "1")]),
        ('a = "%{ if x == "}" }{%{ endif }"\nb = 1', [("a", '"%{ if x == "}" }{%{ endif }"'), ("b", "1")]),
        ("a = <<EOT\n}\nEOTS\n EOT\nb = 1", [("a", "<<EOT\n}\nEOTS\n EOT"), ("b", "1")]),
        ("a = <<-E-1\r\n  {\r\n  E-1\r\nb = 1", [("a", "<<-E-1\r\n  {\r\n  E-1"), ("b", "1")]),
        ("a = f(<<E\n)\nE\n)\nb = 1", [("a", "f(<<E\n)\nE\n)"), ("b", "1")]),
        ("a = 4 /* = */ / 2 // x\nb = 1 << 2", [("a", "4 /* = */ / 2"), ("b", "1 << 2")]),
        ("terraform {}", [("terraform", [])]),
        ('terraform { backend "s3" {} }', [("terraform", [("backend s3", [])])]),
        ("t { a = 1 }\nb = 2", [("t", [("a", "1")]), ("b", "2")]),
        (
            'provider aws {\n  region = "x" /* } */\n\n  assume_role {\n    role_arn = "y"\n  }\n}\n',
            [("provider aws", [("region", '"x"'), ("assume_role", [("role_arn", '"y"')])])],
        ),
        ("größe-1 = 1", [("größe-1", "1")]),
    ],
)
def test_statements(text: str, expected: Outline) -> None:
    assert outline(text, read_statements(text)) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a", 1),
        ("a = 1\n}", 2),
        ("\nb {\n", 3),
        ("a = [\n1\n", 3),
        ("a {\n}\n= 1", 3),
        ('a = 1\n"b" = 2', 2),
        ("a b = 1", 1),
    ],
)
def test_an_error_names_the_line(text: str, line: int) -> None:
    with pytest.raises(HclError, match=f"^line {line} is not HCL$"):
        read_statements(text)


@pytest.mark.parametrize("text", ['a = "', 'a = "${', 'a = "${ "x }"', 'a = "\\"'])
def test_a_string_without_an_end(text: str) -> None:
    with pytest.raises(HclError, match="has no end"):
        read_statements(text)


@pytest.mark.parametrize(
    "path",
    sorted((PROJECT / "terraform").rglob("*.tf")),
    ids=lambda path: path.relative_to(PROJECT).as_posix(),
)
def test_the_projects_own_files(path: Path) -> None:
    """`terraform fmt` starts every statement on a new line, so that only blank lines and comments remain."""
    text = path.read_text()
    statements = read_statements(text)
    rest = text
    for found in reversed(statements):
        rest = rest[: found.start] + rest[found.end :]
    assert statements
    assert {line[:1] for line in rest.splitlines()} <= {"", "#"}
