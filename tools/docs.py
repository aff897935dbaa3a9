"""Tables in Markdown files, generated from the code: Terraform variables and outputs, and fields of the log.

A table stands between two comments. The first names a kind of table and a source: "variables" or "outputs" of
a Terraform module, or "attributes" of a Python class, which its docstring describes:

    <!-- BEGIN variables of terraform/modules/bucket -->
    <!-- END variables of terraform/modules/bucket -->
    <!-- BEGIN attributes of libs/lambda_runtime/lambda_runtime/logs.py:Fields -->
    <!-- END attributes of libs/lambda_runtime/lambda_runtime/logs.py:Fields -->
"""

import ast
import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tools.console import ToolError
from tools.paths import PROJECT
from tools.terraform.hcl import read_statements

_FILES = ("README.md", "docs/*.md", "terraform/README.md", "terraform/*/*/README.md")
_TABLE = re.compile(
    r"^(?P<begin><!-- BEGIN (?P<table>(?P<kind>variables|outputs|attributes) of (?P<source>\S+)) -->)\n"
    r".*?(?P<end>^<!-- END (?P=table) -->)$",
    re.MULTILINE | re.DOTALL,
)


def update_docs(project: Path = PROJECT) -> list[Path]:
    """Write the tables in all Markdown files of a project.

    Returns:
        The files that changed.

    Raises:
        ToolError: a file names a source that does not exist, or a part of a source has no description.
    """
    stale = dict(find_stale_docs(project))
    for path, text in stale.items():
        path.write_text(text, encoding="utf-8")
    return list(stale)


def find_stale_docs(project: Path = PROJECT) -> Iterator[tuple[Path, str]]:
    """Yield each Markdown file with a stale table, and the text that the file should have.

    Raises:
        ToolError: a file names a source that does not exist, or a part of a source has no description.
    """
    for path in sorted(path for pattern in _FILES for path in project.glob(pattern)):

        def render(table: re.Match[str], path: Path = path) -> str:
            name, _, member = table["source"].partition(":")
            source = project / name
            if not (source.is_file() if member else source.is_dir()):
                raise ToolError(f"{path} has a table of {table['source']}, which does not exist.")
            rows = _render_attributes(source, member) if member else _RENDERERS[table["kind"]](source)
            return "\n".join([table["begin"], *rows, table["end"]])

        text = path.read_text(encoding="utf-8")
        current = _TABLE.sub(render, text)
        if current != text:
            yield path, current


def _render_variables(module: Path) -> Iterator[str]:
    yield "| variable | type | default | description |"
    yield "|---|---|---|---|"
    for name, block in _read_blocks(module, "variable"):
        default = f"`{_to_line(block['default'])}`" if "default" in block else "required"
        kind = _to_line(block["type"])
        description, *lines = _unquote(block["description"]).splitlines()
        attributes = _parse_object(kind)
        shape = (
            f"`{kind}`" if not attributes else "object" if kind.startswith("object") else "list of objects"
        )
        yield _row(f"`{name}`", shape, default, description)
        described = _parse_attribute_descriptions(lines)
        if described.keys() != attributes.keys():
            unmatched = ", ".join(sorted(described.keys() ^ attributes.keys()))
            raise ToolError(f"In {module}, type and description of the variable {name} differ: {unmatched}.")
        for attribute, (attribute_kind, attribute_default) in attributes.items():
            yield _row(
                f"`{name}.{attribute}`", f"`{attribute_kind}`", attribute_default, described[attribute]
            )


def _parse_object(kind: str) -> dict[str, tuple[str, str]]:
    """Return the type and default of each attribute of an object, or of the objects in a list.

    Any other type has no attributes.
    """
    found = re.fullmatch(r"object\(\{(.+)\}\)|list\(object\(\{(.+)\}\)\)", kind)
    if not found:
        return {}
    attributes = {}
    for attribute in _split(found[1] or found[2]):
        name, _, attribute_kind = attribute.partition(" = ")
        default = "required"
        if attribute_kind.startswith("optional("):
            attribute_kind, *defaults = _split(attribute_kind.removeprefix("optional(").removesuffix(")"))
            default = f"`{defaults[0] if defaults else 'null'}`"
        attributes[name] = (attribute_kind, default)
    return attributes


def _parse_attribute_descriptions(lines: Iterable[str]) -> dict[str, str]:
    """Parse lines like "- `name`: Description." into a mapping."""
    matches = (re.fullmatch(r"\s*- `(\w+)`: (.+)", line) for line in lines)
    return {match[1]: match[2] for match in matches if match}


def _split(expressions: str) -> list[str]:
    """Split HCL expressions at the commas outside of brackets and strings."""
    parts, depth, quoted = [""], 0, False
    for character in expressions:
        quoted ^= character == '"'
        depth += 0 if quoted else (character in "([{") - (character in ")]}")
        if character == "," and not depth and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _render_outputs(module: Path) -> Iterator[str]:
    yield "| output | description |"
    yield "|---|---|"
    for name, block in _read_blocks(module, "output"):
        yield _row(f"`{name}`", _unquote(block["description"]))


def _render_attributes(source: Path, name: str) -> Iterator[str]:
    yield "| field | content |"
    yield "|---|---|"
    classes = (each for each in ast.parse(source.read_text("utf-8")).body if isinstance(each, ast.ClassDef))
    found = next((each for each in classes if each.name == name), None)
    if found is None:
        raise ToolError(f"{source} has no class {name}.")
    section = (ast.get_docstring(found) or "").partition("Attributes:\n")[2].partition("\n\n")[0]
    texts = dict(re.findall(r"^ {4}(\w+): (.+(?:\n {5,}.+)*)", section, re.MULTILINE))
    attributes = {
        each.target.id
        for each in found.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    if unmatched := ", ".join(sorted(texts.keys() ^ attributes)):
        raise ToolError(f"In {source}, the docstring and the attributes of {name} differ: {unmatched}.")
    for attribute, text in texts.items():
        yield _row(f"`{attribute}`", re.sub(r"\s+", " ", text).rstrip("."))


_RENDERERS = {"variables": _render_variables, "outputs": _render_outputs}


def _read_blocks(module: Path, kind: str) -> list[tuple[str, Mapping[str, str]]]:
    """Return the expressions in the blocks of a kind in a module, by attribute, sorted by label.

    Raises:
        ToolError: a block has no description.
    """
    blocks: dict[str, Mapping[str, str]] = {}
    for path in module.glob("*.tf"):
        text = path.read_text(encoding="utf-8")
        for block in read_statements(text):
            if block.name == kind:
                attributes = (each for each in block.body or () if each.body is None)
                blocks[block.labels[0]] = {each.name: each.value(text) for each in attributes}
    if undescribed := sorted(name for name, block in blocks.items() if "description" not in block):
        raise ToolError(f"In {module}, the {kind} {undescribed[0]} has no description.")
    return sorted(blocks.items())


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', r'\|') for cell in cells)} |"


def _to_line(expression: str) -> str:
    """Return an expression in one line. The argument has the line breaks of `terraform fmt`."""
    lines = [re.sub(" +", " ", line.strip()) for line in expression.splitlines()]
    line = "\n".join(lines)
    line = re.sub(r"(?<=[({\[,])\n|\n(?=[)}\]])", " ", line)
    return line.replace("\n", ", ")


def _unquote(expression: str) -> str:
    """Return the text of a quoted string or of an indented heredoc."""
    if expression.startswith("<<-"):
        _, *lines, _ = expression.splitlines()
        return textwrap.dedent("\n".join(lines))
    unquoted: str = json.loads(expression)
    return unquoted


def replace_block(text: str, name: str, body: str, page: str) -> str:
    """Return a page whose block `<!-- BEGIN name -->` to `<!-- END name -->` has another body.

    Args:
        text: the page.
        name: name of the block.
        body: the new body, Markdown.
        page: path of the page in the project, for the error.

    Raises:
        ToolError: the page has no such block.
    """
    begin, end = f"<!-- BEGIN {name} -->", f"<!-- END {name} -->"
    head, middle, rest = text.partition(f"{begin}\n")
    _, last, tail = rest.partition(f"\n{end}")
    if not middle or not last:
        raise ToolError(f"{page} has lost the comments around a table: {begin} and {end}.")
    return f"{head}{begin}\n\n{body}\n\n{end}{tail}"
