"""Runs the checks of every deployed variant and prints one line for each."""

import os
from collections.abc import Iterable, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from tools.backfill.aws_errors import explain, explain_aws_errors
from tools.console import ToolError, printable
from tools.deployment import Deployment, find_deployment
from tools.doctor.checks import Check, list_checks
from tools.doctor.failure import CheckFailedError
from tools.doctor.patient import Patient
from tools.erase.outputs import Outputs
from tools.sign import SECRET_VARIABLE


def doctor(*, local: bool = False, configuration: str | None = None) -> None:
    """Check a deployment from outside, with sample images that are deleted in the end.

    Args:
        local: check the running local stack instead of AWS.
        configuration: folder with the configuration of the deployment, see `find_deployment`.

    Raises:
        ToolError: a check failed, or there is no deployment.
    """
    with explain_aws_errors():
        deployment = find_deployment(Outputs.from_terraform, local=local, configuration=configuration)
        examine(deployment, os.environ.get(SECRET_VARIABLE, ""))


def examine(deployment: Deployment[Outputs], secret: str = "") -> None:
    """Check every variant of a deployment that has a distribution.

    Args:
        deployment: the deployment.
        secret: secret of the key `main`, if URLs need a signature.

    Raises:
        ToolError: a check failed.
    """
    if deployment.outputs.signed_urls == "all" and not secret:
        raise ToolError(
            f"All URLs need a signature: put the secret of the key main into {SECRET_VARIABLE} and run it "
            "again."
        )
    results: list[bool] = []
    for distribution in deployment.outputs.distributions:
        print(f"{distribution.variant}: {deployment.edge_urls[distribution.variant]}", flush=True)
        patient = Patient(deployment=deployment, distribution=distribution, secret=secret)
        try:
            results += _run_all(list_checks(patient), deployment)
        finally:
            patient.clean()
    if not all(results):
        raise ToolError(f"{results.count(False)} of {len(results)} checks failed.")
    print(f"All {len(results)} checks succeeded.")


def _run_all(checks: Iterable[Check], deployment: Deployment[Outputs]) -> Iterator[bool]:
    """Run checks and yield the result of each. Skip those that need an image if the first one got none."""
    has_image = None
    for check in checks:
        if check.needs_image and not has_image:
            print(f"  skipped {check.title}", flush=True)
            continue
        succeeded = _run(check, deployment)
        has_image = succeeded if has_image is None else has_image
        yield succeeded


def _run(check: Check, deployment: Deployment[Outputs]) -> bool:
    """Run a check and print its line. Return True if the check succeeded."""
    try:
        check.run()
    except (CheckFailedError, ClientError, BotoCoreError) as error:
        text = error.format(deployment) if isinstance(error, CheckFailedError) else explain(error)
        print(f"  FAILED  {check.title}: {printable(text)}", flush=True)
        return False
    print(f"  ok      {check.title}", flush=True)
    return True
