"""Static security analysis of the configuration by checkov, without network access."""

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

# checkov contacts its vendor's service by default. No proxy listens on port 9, so that every request fails.
_OFFLINE = {"HTTP_PROXY": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": ""}


_MIN_PASSED = 30
"""The configuration passes 654 (November 2026). Hardly any mean that checkov read another folder."""


def run_checkov(folder: Path = TERRAFORM, *, environment: Path = ENVIRONMENT) -> int:
    """Check the configuration against checkov's rules. Files skip single rules, each with a reason.

    Args:
        folder: the configuration.
        environment: checkov's virtual environment; created from the lock if missing.

    Returns:
        The number of checks that passed.

    Raises:
        ToolError: some checks failed, one line each; or hardly any passed; or uv or checkov could not run.
    """
    try:
        install(environment, LOCK)
        report = _check(folder, environment)
    except CommandError as error:
        raise ToolError(f"checkov could not run: {error.words}") from error
    # Without Terraform files there is a summary only.
    if findings := [_finding(found) for found in report.get("results", {}).get("failed_checks", [])]:
        raise ToolError(
            "\n".join(["checkov has findings. Mend each, or skip it with its reason.", *findings])
        )
    passed = int(report.get("summary", report)["passed"])
    if passed < _MIN_PASSED:
        raise ToolError(f"Only {passed} checks of checkov passed: is {folder} the configuration?")
    return passed


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
