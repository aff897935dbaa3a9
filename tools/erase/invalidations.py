"""Invalidations in CloudFront, and their end."""

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tools.console import ToolError
from tools.erase.outputs import Distribution

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient

_POLL_SECONDS = 5
# An invalidation usually takes less than a minute or two; there may be 15 with a wildcard at the same time
# (CloudFront Developer Guide, "Quotas").
_MAX_WAIT_SECONDS = 900
_TOO_MANY = "TooManyInvalidationsInProgress"


@dataclass(frozen=True, kw_only=True)
class Invalidation:
    """An invalidation of a distribution."""

    distribution: Distribution
    invalidation_id: str


def create_invalidations(
    cloudfront: "CloudFrontClient", paths: Mapping[Distribution, Sequence[str]]
) -> list[Invalidation]:
    """Create an invalidation in each distribution, and wait while CloudFront has too many of them.

    Raises:
        ToolError: CloudFront had too many invalidations for a quarter of an hour.
    """
    return [
        Invalidation(distribution=distribution, invalidation_id=_create(cloudfront, distribution, each))
        for distribution, each in paths.items()
        if each
    ]


def _create(cloudfront: "CloudFrontClient", distribution: Distribution, paths: Sequence[str]) -> str:
    deadline = time.monotonic() + _MAX_WAIT_SECONDS
    reference = str(uuid.uuid4())
    while True:
        try:
            response = cloudfront.create_invalidation(
                DistributionId=distribution.distribution_id,
                InvalidationBatch={
                    "CallerReference": reference,
                    "Paths": {"Quantity": len(paths), "Items": list(paths)},
                },
            )
            return response["Invalidation"]["Id"]
        except ClientError as error:
            if error.response["Error"].get("Code") != _TOO_MANY:
                raise
            if time.monotonic() > deadline:
                raise ToolError(
                    f"CloudFront runs too many invalidations of {distribution.distribution_id}: run the "
                    "command again when these have ended."
                ) from error
        time.sleep(_POLL_SECONDS)


def wait_for_invalidations(cloudfront: "CloudFrontClient", invalidations: Sequence[Invalidation]) -> None:
    """Wait until the invalidations have ended.

    Raises:
        ToolError: one has not ended in a quarter of an hour.
    """
    deadline = time.monotonic() + _MAX_WAIT_SECONDS
    for invalidation in invalidations:
        distribution_id = invalidation.distribution.distribution_id
        while not _is_completed(cloudfront, invalidation):
            if time.monotonic() > deadline:
                raise ToolError(
                    f"The invalidation {invalidation.invalidation_id} of {distribution_id} has not ended "
                    "yet: run the command again later."
                )
            time.sleep(_POLL_SECONDS)


def _is_completed(cloudfront: "CloudFrontClient", invalidation: Invalidation) -> bool:
    found = cloudfront.get_invalidation(
        DistributionId=invalidation.distribution.distribution_id, Id=invalidation.invalidation_id
    )
    return found["Invalidation"]["Status"] == "Completed"
