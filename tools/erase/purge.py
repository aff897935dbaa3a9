"""Deletion of derivatives that requests make again, and their invalidation."""

import shlex
from typing import Never

from tqdm import tqdm

from tools.backfill.aws_errors import explain_aws_errors
from tools.console import ToolError, printable
from tools.deployment import Deployment, find_deployment
from tools.erase.dialogue import confirm, print_counts, print_paths
from tools.erase.invalidations import create_invalidations, wait_for_invalidations
from tools.erase.locations import (
    Location,
    Selection,
    list_derivative_locations,
    list_invalidation_paths,
    parse_selection,
)
from tools.erase.objects import (
    Deletion,
    count_versions,
    delete_versions,
    list_versions,
    require_no_mfa_delete,
)
from tools.erase.outputs import Distribution, Outputs
from tools.paths import use_packages


def purge(text: str, *, local: bool = False, configuration: str | None = None, yes: bool = False) -> None:
    """Delete the stored derivatives of originals and invalidate their URLs, after a question.

    The originals stay, and the next request makes a derivative again. Derivatives of s3_trigger stay too: no
    request would make them again.

    Args:
        text: key of an original, a folder such as `cats/`, or the beginning of keys such as `cats/t*`.
        local: work on the running local stack instead of AWS.
        configuration: folder with the configuration of the deployment, see `find_deployment`.
        yes: do not ask.

    Raises:
        ToolError: there is no deployment, or AWS refused a request.
    """
    if not text:
        raise ToolError("Name the key of an original, a folder such as cats/, or * for all originals.")
    with explain_aws_errors():
        deployment = find_deployment(Outputs.from_terraform, local=local, configuration=configuration)
        purge_selection(deployment, parse_selection(text), yes=yes)


def purge_selection(deployment: Deployment[Outputs], selection: Selection, *, yes: bool = False) -> None:
    """Purge the selected originals of a deployment. See `purge`."""
    outputs = deployment.outputs
    locations = list_derivative_locations(outputs, selection)
    paths = find_paths(deployment, [selection])
    with tqdm(desc="Listing", unit=" objects", disable=None) as bar:
        counts = [(location, count_versions(deployment.s3, location, bar.update)) for location in locations]
    print("To delete and to invalidate:")
    if not print_counts(counts):
        print(f"  No derivative of {printable(selection.text)} is stored. CloudFront may still have copies.")
    print_paths(paths)
    if outputs.destination_bucket:
        backfill = f"./invokew backfill{deployment.option} --yes"
        print(f"  Derivatives of s3_trigger stay: upload the original again, or run {backfill}.")
    if not yes and not confirm("Delete these derivatives?", _command(deployment, selection)):
        return
    for location in locations:
        require_no_mfa_delete(deployment.s3, location.bucket)
    total = sum(tally.total for _, tally in counts)
    with tqdm(total=total, desc="Deleting", unit=" objects", disable=None) as bar:
        deletions = [(location, delete_location(deployment, location, bar)) for location in locations]
    wait_for_invalidations(deployment.cloudfront, create_invalidations(deployment.cloudfront, paths))
    print("Deleted and invalidated:")
    print_counts((location, deletion.deleted) for location, deletion in deletions)
    print_paths(paths)
    require_unlocked([(location, deletion) for location, deletion in deletions])


def delete_location(deployment: Deployment[Outputs], location: Location, bar: "tqdm[Never]") -> Deletion:
    """Delete all versions of a location."""
    versions = list_versions(deployment.s3, location)
    return delete_versions(deployment.s3, location.bucket, versions, bar.update)


def find_paths(deployment: Deployment[Outputs], selections: list[Selection]) -> dict[Distribution, list[str]]:
    """Return the invalidation paths of all selections in each distribution."""
    use_packages()
    from derivatives import merge_paths  # noqa: PLC0415  # see use_packages

    outputs = deployment.outputs
    return {
        distribution: sorted(
            merge_paths(
                path
                for selection in selections
                for path in list_invalidation_paths(outputs, distribution.variant, selection)
            )
        )
        for distribution in outputs.distributions
    }


def require_unlocked(deletions: list[tuple[Location, Deletion]]) -> None:
    """Require that Object Lock protected no version.

    Raises:
        ToolError: some versions remain.
    """
    locked = [(location.bucket, version) for location, deletion in deletions for version in deletion.locked]
    if locked:
        bucket, first = locked[0]
        raise ToolError(
            f"Object Lock protects {len(locked):,} of the versions, such as {first.version_id} of "
            f"s3://{bucket}/{first.key}: remove the legal hold or wait for the end of the retention, and "
            "run the command again."
        )


def _command(deployment: Deployment[Outputs], selection: Selection) -> str:
    text = f"{selection.text}{'*' if selection.is_prefix else ''}"
    return f"./invokew purge {shlex.quote(text)}{deployment.option} --yes"
