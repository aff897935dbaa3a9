import re
from pathlib import Path

import pytest

CONFIGURATION = Path(__file__).resolve().parents[2] / "terraform"
MODULES = [CONFIGURATION, *sorted(path for path in (CONFIGURATION / "modules").iterdir() if path.is_dir())]

ROW = re.compile(r"^\| `(\w+)` \|(.*)$", re.MULTILINE)
VARIABLE = re.compile(r'^variable "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r'^output "(\w+)"', re.MULTILINE)
DEFAULT = re.compile(r"^  default     = (.*)$", re.MULTILINE)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_tables_name_every_variable_and_output(module: Path) -> None:
    declared = "\n".join(path.read_text() for path in sorted(module.glob("*.tf")))
    variables = {match[1]: match[2] for match in VARIABLE.finditer(declared)}
    outputs = OUTPUT.findall(declared)
    rows = ROW.findall((module / "README.md").read_text())
    assert [name for name, _ in rows] == [*sorted(variables), *sorted(outputs)]
    for (name, row), variable in zip(rows, [variables[name] for name in sorted(variables)], strict=False):
        default = DEFAULT.search(variable)
        assert default is None or "optional(" in variable or f"`{default[1]}`" in row, name
