"""Tables of variables and outputs in Markdown files."""

import re
from pathlib import Path

import pytest

from tools.console import ToolError
from tools.docs import find_stale_docs, replace_block, update_docs
from tools.paths import PROJECT, TERRAFORM

MODULE = """\
variable "needed" {
  type        = string
  description = "A name that has no default."

  validation {
    condition     = length(var.needed) > 0
    error_message = "needed is empty."
  }
}

variable "box" {
  type = object({
    width  = number
    fit    = optional(string, "cover, or not (")
    names  = optional(list(string), ["a", "b"])
    height = optional(number)
    inner  = optional(object({ x = number, y = number }), { x = 1, y = 2 })
  })
  description = <<-EOT
    The "box" | of an image.
    - `fit`: Fit: `cover`.
    - `height`: Height.
    - `inner`: An object.
    - `names`: Names.
    - `width`: Width.
  EOT
  default     = { width = 300, height = 300 }
}

variable "crops" {
  type        = list(object({ x = number, y = optional(number, 1) }))
  description = <<-EOT
    Some crops.
    - `x`: Left.
    - `y`: Top.
  EOT
  default     = []
}

# A comment.
variable "names" {
  type        = list(string)
  description = "Some names."
  default     = ["a", "b"]
}
"""
RECORD = """\
class Line:
    \"\"\"A line.

    Attributes:
        key: key of
            the `a` | `b`.
        count: number of keys.

    Raises:
        ValueError: never.
    \"\"\"

    key: str
    count: int
"""
DEFAULTS = [
    ("null", "null"),
    ("true", "true"),
    ("86400", "86400"),
    ("0.5", "0.5"),
    ('"eu"', '"eu"'),
    ('"a\\"b"', '"a\\"b"'),
    ("[]", "[]"),
    ("{}", "{}"),
    ('[["a"], []]', '[["a"], []]'),
    ("{ S = [854, 480] }", "{ S = [854, 480] }"),
]
MODULES = [TERRAFORM, *sorted(path.parent for path in TERRAFORM.glob("modules/*/main.tf"))]


def make_project(folder: Path, module: str, *tables: str) -> Path:
    """Write a project of one module whose README has some empty tables; return the README."""
    (folder / "terraform").mkdir()
    (folder / "terraform" / "variables.tf").write_text(module)
    readme = folder / "terraform" / "README.md"
    text = "\n".join(f"<!-- BEGIN {table} -->\n<!-- END {table} -->" for table in tables)
    readme.write_text(f"# Title\n\n{text}\n\nEnd.\n")
    return readme


def test_the_tables_of_the_project_are_current() -> None:
    assert [path for path, _ in find_stale_docs()] == [], "run: ./invokew docs"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
@pytest.mark.parametrize("kind", ["variables", "outputs"])
def test_every_module_has_both_tables(module: Path, kind: str) -> None:
    declared = re.findall(
        rf'^{kind[:-1]} "(\w+)"', "\n".join(path.read_text() for path in module.glob("*.tf")), re.MULTILINE
    )
    table = f"{kind} of {module.relative_to(PROJECT).as_posix()} -->"
    section = (module / "README.md").read_text().partition(f"BEGIN {table}")[2].partition(f"END {table}")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == sorted(declared)


def test_a_table_of_variables(tmp_path: Path) -> None:
    readme = make_project(tmp_path, MODULE, "variables of terraform")

    assert update_docs(tmp_path) == [readme]

    assert readme.read_text().splitlines()[2:-2] == [
        "<!-- BEGIN variables of terraform -->",
        "| variable | type | default | description |",
        "|---|---|---|---|",
        r'| `box` | object | `{ width = 300, height = 300 }` | The "box" \| of an image. |',
        "| `box.width` | `number` | required | Width. |",
        '| `box.fit` | `string` | `"cover, or not ("` | Fit: `cover`. |',
        '| `box.names` | `list(string)` | `["a", "b"]` | Names. |',
        "| `box.height` | `number` | `null` | Height. |",
        "| `box.inner` | `object({ x = number, y = number })` | `{ x = 1, y = 2 }` | An object. |",
        "| `crops` | list of objects | `[]` | Some crops. |",
        "| `crops.x` | `number` | required | Left. |",
        "| `crops.y` | `number` | `1` | Top. |",
        '| `names` | `list(string)` | `["a", "b"]` | Some names. |',
        "| `needed` | `string` | required | A name that has no default. |",
        "<!-- END variables of terraform -->",
    ]
    assert update_docs(tmp_path) == []


def test_a_table_of_outputs(tmp_path: Path) -> None:
    module = "".join(f'output "{name}" {{\n  value = 1\n  description = "Of {name}."\n}}\n' for name in "ba")
    readme = make_project(tmp_path, module, "outputs of terraform", "variables of terraform")
    update_docs(tmp_path)
    expected = "| output | description |\n|---|---|\n| `a` | Of a. |\n| `b` | Of b. |\n<!-- END"
    assert expected in readme.read_text()


def test_a_table_of_attributes(tmp_path: Path) -> None:
    readme = make_project(tmp_path, "", "attributes of lines.py:Line")
    (tmp_path / "lines.py").write_text(RECORD)
    update_docs(tmp_path)
    rows = [line for line in readme.read_text().splitlines() if line.startswith("|")]
    assert rows == [
        "| field | content |",
        "|---|---|",
        r"| `key` | key of the `a` \| `b` |",
        "| `count` | number of keys |",
    ]


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("    count: int\n", "", "of Line differ: count"),
        ("    count: int\n", "    count: int\n    size: int\n", "of Line differ: size"),
        ("class Line", "class Row", "has no class Line"),
    ],
)
def test_attributes_and_docstring_agree(tmp_path: Path, before: str, after: str, message: str) -> None:
    make_project(tmp_path, "", "attributes of lines.py:Line")
    (tmp_path / "lines.py").write_text(RECORD.replace(before, after))
    with pytest.raises(ToolError, match=message):
        update_docs(tmp_path)


@pytest.mark.parametrize(("default", "expected"), DEFAULTS)
def test_a_default_is_written_as_in_the_code(tmp_path: Path, default: str, expected: str) -> None:
    module = f'variable "x" {{\n  type = any\n  description = "X."\n  default = {default}\n}}\n'
    readme = make_project(tmp_path, module, "variables of terraform")
    update_docs(tmp_path)
    assert f"| `x` | `any` | `{expected}` | X. |" in readme.read_text()


@pytest.mark.parametrize(
    ("before", "after"), [("Some names.", "Other names."), ('["a", "b"]', "[]"), ('"names"', '"labels"')]
)
def test_a_change_of_the_code_makes_the_table_stale(tmp_path: Path, before: str, after: str) -> None:
    readme = make_project(tmp_path, MODULE, "variables of terraform")
    update_docs(tmp_path)
    (tmp_path / "terraform" / "variables.tf").write_text(MODULE.replace(before, after))
    assert [path for path, _ in find_stale_docs(tmp_path)] == [readme]


def test_a_table_of_an_unknown_module(tmp_path: Path) -> None:
    make_project(tmp_path, MODULE, "variables of terraform/modules/none")
    with pytest.raises(ToolError, match=r"has a table of terraform/modules/none, which does not exist"):
        update_docs(tmp_path)


def test_a_variable_without_a_description(tmp_path: Path) -> None:
    make_project(tmp_path, 'variable "x" {\n  type = string\n}\n', "variables of terraform")
    with pytest.raises(ToolError, match=r"In .*terraform, the variable x has no description"):
        update_docs(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"), [("    - `width`: Width.\n", ""), ("- `width`", "- `breadth`"), ("fit  ", "fill ")]
)
def test_an_attribute_without_a_description(tmp_path: Path, before: str, after: str) -> None:
    assert before in MODULE
    make_project(tmp_path, MODULE.replace(before, after), "variables of terraform")
    with pytest.raises(ToolError, match=r"type and description of the variable box differ: "):
        update_docs(tmp_path)


def test_a_block_is_replaced_and_the_text_around_it_stays() -> None:
    page = "a\n<!-- BEGIN limits -->\n\nold\n\n<!-- END limits -->\nb\n"
    assert replace_block(page, "limits", "new", "docs/scale.md") == page.replace("old", "new")


@pytest.mark.parametrize("page", ["", "<!-- BEGIN limits -->\n", "\n<!-- END limits -->"])
def test_a_page_without_the_comments_of_a_block(page: str) -> None:
    message = (
        r"^docs/scale\.md has lost the comments around a table: <!-- BEGIN limits --> and <!-- END limits -->"
    )
    with pytest.raises(ToolError, match=message):
        replace_block(page, "limits", "new", "docs/scale.md")
