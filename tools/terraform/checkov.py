"""checkov over the configuration, in an environment of its own and without a network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tools.console import ToolError
from tools.environment import install
from tools.paths import PROJECT, TERRAFORM
from tools.process import CommandError, clean_environment, run

ENVIRONMENT = PROJECT / ".venv-checkov"
LOCK = PROJECT / "requirements-checkov.txt"

# checkov speaks to its vendor's service unless told not to; no proxy listens on port 9.
_OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}


def run_checkov(folder: Path = TERRAFORM, *, environment: Path = ENVIRONMENT) -> int:
    """Check the configuration against checkov's rules; skips stand in the files, each with its reason.

    Args:
        folder: the configuration.
        environment: where checkov's virtual environment is, or is made from the lock.

    Returns:
        How many checks passed.

    Raises:
        ToolError: with one line a finding; or uv or checkov could not run.
    """
    try:
        install(environment, LOCK)
        report = _check(folder, environment)
    except CommandError as error:
        raise ToolError(f"checkov could not run: {error.words}") from error
    if findings := [_finding(found) for found in report["results"]["failed_checks"]]:
        raise ToolError(
            "\n".join(["checkov has findings. Mend each, or skip it with its reason.", *findings])
        )
    return int(report["summary"]["passed"])


def _check(folder: Path, environment: Path) -> dict[str, Any]:
    checkov = environment / "bin" / "checkov"
    form = ["--framework", "terraform", "--output", "json", "--quiet", "--soft-fail"]
    out = run(
        [checkov, "--directory", folder, "--skip-download", *form],
        cwd=folder,
        environment=clean_environment() | _OFFLINE,
    )
    report: dict[str, Any] = json.loads(out)
    return report


def _finding(found: Mapping[str, Any]) -> str:
    return f"{found['check_id']} {found['file_path']} {found['resource']}: {found['check_name']}"
