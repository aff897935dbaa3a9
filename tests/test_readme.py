"""Commands, links, URLs and Terraform examples in the documentation."""

import html
import re
import tomllib
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from image_url import DEFAULT_SIZES, ImageOptions, parse_query
from invoke.collection import Collection
from lambda_runtime import Fields

import tasks
from tools.paths import PROJECT, TERRAFORM
from tools.terraform.hcl import read_statements

PATTERNS = ("*.md", "docs/*.md", "functions/*/README.md", "terraform/**/README.md", "tests/*/README.md")
DOCUMENTS = {
    path.relative_to(PROJECT).as_posix(): path.read_text(encoding="utf-8")
    for pattern in PATTERNS
    for path in sorted(PROJECT.glob(pattern))
}
DOCUMENT = pytest.mark.parametrize("name", DOCUMENTS)
FENCED_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLES = set(re.findall(r"^\| `([\w.]+)` \|", DOCUMENTS["terraform/README.md"], re.MULTILINE))
OBJECTS = {name.partition(".")[0] for name in VARIABLES if "." in name}


def find_commands(text: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the task and the options of each command of `invoke` in a document."""
    for task, rest in re.findall(
        r"(?:\./invokew |`invoke |^ {4}invoke )([a-z][a-z0-9]*)([^`#\n]*)", text, re.MULTILINE
    ):
        yield task, set(re.findall(r"--[\w-]+", rest))


def find_anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", FENCED_BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find_broken_links(name: str) -> Iterator[str]:
    """Yield each link of a document to a file or heading that does not exist."""
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCED_BLOCK.sub("", DOCUMENTS[name])):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = unquote(link).partition("#")
        path = (PROJECT / name).parent / target if target else PROJECT / name
        if not path.exists() or (anchor and anchor not in find_anchors(path.read_text(encoding="utf-8"))):
            yield link


def test_the_documents_are_found() -> None:
    assert {"README.md", "docs/develop.md", "terraform/modules/bucket/README.md"} <= DOCUMENTS.keys()


@pytest.mark.parametrize(("name", "box"), DEFAULT_SIZES.items())
def test_every_size_is_documented_with_its_box(name: str, box: ImageOptions) -> None:
    height = "" if box.width == box.height else f"x{box.height}"
    assert f"`{name}` {box.width}{height}" in DOCUMENTS["docs/urls.md"]


@DOCUMENT
def test_every_command_is_a_task_with_these_options(name: str) -> None:
    collection = Collection.from_module(tasks)
    for task, options in find_commands(DOCUMENTS[name]):
        assert task in collection.task_names, task
        known = {
            f"--{option.replace('_', '-')}"
            for argument in collection[task].get_arguments()
            for option in argument.names
        }
        assert options <= known, task


def test_commands_are_found() -> None:
    assert ("up", {"--images"}) in list(find_commands(DOCUMENTS["README.md"]))
    assert ("backfill", {"--local", "--yes"}) in list(find_commands(DOCUMENTS["docs/operate.md"]))
    assert ("build", set()) in list(find_commands(DOCUMENTS["terraform/README.md"]))


@DOCUMENT
def test_every_link_into_the_project_has_a_target(name: str) -> None:
    assert list(find_broken_links(name)) == []


def test_every_document_in_docs_is_linked_from_the_readme() -> None:
    generated = {"docs/bench.md", "docs/corpora.md"}
    guides = {name for name in DOCUMENTS if name.startswith("docs/")} - generated
    assert guides <= set(re.findall(r"\]\(([^)#\s]+)", DOCUMENTS["README.md"]))


def test_the_requirements_at_the_top_are_those_of_the_project() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    versions = (TERRAFORM / "versions.tf").read_text("utf-8")
    licence, python, terraform, provider = DOCUMENTS["README.md"].splitlines()[2].split(" \N{MIDDLE DOT} ")
    assert licence == project["license"]
    assert project["requires-python"] == f">={python.removeprefix('Python ')},<3.14"
    assert f'required_version = ">= {terraform.split()[1]}"' in versions
    _, _, lowest, _, highest = provider.split()
    assert f'">= {lowest}, < {int(highest) + 1}.0"' in versions


def test_every_query_string_is_valid() -> None:
    query_strings = {
        html.unescape(query_string)
        for text in DOCUMENTS.values()
        for query_string in re.findall(
            r"\?((?:size|to_webp|showExif|format|width)=(?!wide)[\w=&;,.-]+)", text
        )
    }
    assert len(query_strings) >= 6
    for query_string in query_strings:
        parse_query(query_string, DEFAULT_SIZES, default_quality=80)


@DOCUMENT
def test_every_variable_in_an_example_exists(name: str) -> None:
    for language, text in FENCED_BLOCK.findall(DOCUMENTS[name]):
        if language != "hcl":
            continue
        for statement in read_statements(text):
            if statement.body is not None:  # a block of a module
                continue
            assert statement.name in VARIABLES
            if statement.name in OBJECTS:
                value = statement.value(text)
                for fields in (
                    re.findall(r"\{(.*?)\}", value, re.DOTALL) if value[0] == "[" else [value.strip("{}")]
                ):
                    attributes = read_statements(fields.replace(", ", "\n"))
                    assert {f"{statement.name}.{attribute.name}" for attribute in attributes} <= VARIABLES


def test_every_field_of_the_log_is_documented() -> None:
    section = DOCUMENTS["docs/operate.md"].partition("## Logs\n")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert sorted(documented) == sorted(Fields.__annotations__)


@DOCUMENT
def test_every_attribute_of_a_variable_exists(name: str) -> None:
    pattern = rf"(?<![\w/.-])((?:{'|'.join(OBJECTS)})\.(?!tf\b|zip\b)\w+)(?![\w./])"
    assert set(re.findall(pattern, DOCUMENTS[name])) <= VARIABLES


def test_no_message_of_terraform_refers_to_a_document() -> None:
    """An archive of a release has the modules without the documents."""
    messages = [
        message
        for path in TERRAFORM.rglob("*.tf")
        for message in re.findall(r"error_message += (.*)", path.read_text(encoding="utf-8"))
    ]
    assert messages
    assert [message for message in messages if ".md" in message] == []


def test_the_anchors_of_a_document() -> None:
    text = "# A: `b_c` & d\n```sh\n# no heading\n```\n## E-f (g)\n"
    assert find_anchors(text) == {"a-b_c--d", "e-f-g"}
