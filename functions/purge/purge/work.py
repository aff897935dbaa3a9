"""Delete derivatives, then invalidate CloudFront's copies.

The order matters: after an invalidation CloudFront reads S3 again, which must not hold the old derivative.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from derivatives import DerivativeStore, PurgeQueue, TriggeredStore, find_object, merge_paths, viewer_path
from s3_http import S3Client

from purge.budget import Budget
from purge.invalidation import CloudFront, create_invalidation


class Deployment(NamedTuple):
    """A deployment: clients for its buckets, and access to its distributions.

    Attributes:
        originals: client for the bucket of the originals.
        stores: variant => its stored derivatives. `object_lambda` stores none.
        budget: number of invalidation paths that the month has left.
        cloudfront: access to CloudFront's API.
        distributions: variant => ID of its distribution.
        queue: queue of the function itself.
    """

    originals: S3Client
    stores: Mapping[str, DerivativeStore | TriggeredStore]
    budget: Budget
    cloudfront: CloudFront
    distributions: Mapping[str, str]
    queue: PurgeQueue


class Invalidation(NamedTuple):
    """The result of an invalidation.

    Attributes:
        variant: variant whose distribution is invalidated.
        is_capped: True if nothing was invalidated, because the budget of the month is used up.
        paths: paths, sorted.
    """

    variant: str
    is_capped: bool
    paths: list[str]


def delete_stale(key: str, deployment: Deployment) -> dict[str, int]:
    """Delete the derivatives that were not made from the current original.

    Events arrive late, twice and in any order, so no event describes the current original. HEAD does: S3 is
    strongly consistent (S3 user guide, "Amazon S3 data consistency model").

    Returns:
        Variant => number of deleted derivatives.

    Raises:
        S3Error: a request failed.
    """
    if not deployment.stores:
        return {}
    original = find_object(deployment.originals, key)
    return {variant: store.delete_stale(key, original) for variant, store in deployment.stores.items()}


def list_paths(variant: str, keys: Iterable[str], deployment: Deployment) -> frozenset[str]:
    """Return the invalidation paths for originals in the distribution of a variant."""
    store = deployment.stores.get(variant)
    return merge_paths(
        path for key in keys for path in (store.list_paths(key) if store else {viewer_path(key)})
    )


def invalidate(variant: str, paths: frozenset[str], deployment: Deployment) -> Invalidation:
    """Invalidate paths in a distribution, unless the budget of the month is used up.

    Raises:
        PurgeError, S3Error: CloudFront did not accept the invalidation. The budget is as before.
    """
    sorted_paths = sorted(paths)
    if not deployment.budget.reserve(len(paths)):
        return Invalidation(variant, is_capped=True, paths=sorted_paths)
    try:
        create_invalidation(deployment.distributions[variant], sorted_paths, deployment.cloudfront)
    except BaseException:
        deployment.budget.release(len(paths))
        raise
    return Invalidation(variant, is_capped=False, paths=sorted_paths)
