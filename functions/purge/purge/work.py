"""Delete derivatives, then invalidate CloudFront's copies.

The order matters: after an invalidation CloudFront reads S3 again, which must not hold the old derivative.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import batched
from typing import NamedTuple

from derivatives import DerivativeStore, derivative_paths, head_original, merge_paths, viewer_path
from lambda_runtime import Deadline
from s3_http import S3Client

from purge.budget import Budget
from purge.invalidation import CloudFront, create_invalidation
from purge.settings import REGIONAL_RESIZE

_PAGE = 1_000


class Access(NamedTuple):
    """Access to the buckets and to CloudFront.

    Attributes:
        originals: client for the bucket of the originals.
        stores: variant => its stored derivatives. `object_lambda` stores none.
        budget: number of invalidation paths that the month has left.
        cloudfront: access to CloudFront's API.
        distributions: variant => ID of its distribution.
    """

    originals: S3Client
    stores: Mapping[str, DerivativeStore]
    budget: Budget
    cloudfront: CloudFront
    distributions: Mapping[str, str]


class Invalidation(NamedTuple):
    """The result of an invalidation.

    Attributes:
        variant: variant of the distribution.
        distribution_id: ID of the distribution.
        invalidation_id: ID of the invalidation; None if the budget of the month is used up.
        paths: paths, sorted.
    """

    variant: str
    distribution_id: str
    invalidation_id: str | None
    paths: list[str]


def delete_stale(key: str, access: Access) -> dict[str, int]:
    """Delete the derivatives that were not made from the current original.

    Late, doubled and reordered events do no harm, because the current original decides.

    Returns:
        Variant => number of deleted derivatives.

    Raises:
        S3Error: a request failed.
    """
    if not access.stores:
        return {}
    original = head_original(access.originals, key)
    deleted = {}
    for variant, store in access.stores.items():
        stale = list(store.find_stale(key, original))
        store.delete(stale)
        deleted[variant] = len(stale)
    return deleted


def delete_all(
    keys: Iterable[str], prefix: str | None, access: Access, deadline: Deadline, *, dry_run: bool
) -> tuple[dict[str, int], bool]:
    """Delete all derivatives of originals, current ones too.

    Args:
        keys: keys of originals.
        prefix: first characters of the keys of further originals; None: there are none.
        access: access to the buckets.
        deadline: after this time no further page of 1,000 derivatives is deleted.
        dry_run: whether derivatives are only counted.

    Returns:
        Variant => number of deleted derivatives, and whether none is left.

    Raises:
        S3Error: a request failed.
    """
    deleted = dict.fromkeys(access.stores, 0)
    for variant, store in access.stores.items():
        searches = [store.find(key) for key in keys]
        if prefix is not None:
            searches.append(store.find_below(prefix))
        for page in batched((found for search in searches for found in search), _PAGE, strict=False):
            if not deadline.remaining_seconds():
                return deleted, False
            if not dry_run:
                store.delete(list(page))
            deleted[variant] += len(page)
    return deleted, True


def list_paths(variant: str, keys: Iterable[str]) -> frozenset[str]:
    """Return the invalidation paths for originals, or for prefixes of their keys, in a distribution."""
    paths_of = derivative_paths if variant == REGIONAL_RESIZE else lambda key: {viewer_path(key)}
    return merge_paths(path for key in keys for path in paths_of(key))


def invalidate(variant: str, paths: frozenset[str], access: Access) -> Invalidation:
    """Invalidate paths in a distribution, unless the budget of the month is used up.

    Raises:
        PurgeError, S3Error: CloudFront did not accept the invalidation, and the budget is as before.
    """
    distribution_id, sorted_paths = access.distributions[variant], sorted(paths)
    if not access.budget.reserve(len(paths)):
        return Invalidation(variant, distribution_id, None, sorted_paths)
    try:
        invalidation_id = create_invalidation(distribution_id, sorted_paths, access.cloudfront)
    except BaseException:
        access.budget.release(len(paths))
        raise
    return Invalidation(variant, distribution_id, invalidation_id, sorted_paths)


def invalidate_all(keys: Iterable[str], access: Access) -> Iterator[Invalidation]:
    """Invalidate originals, or prefixes of their keys, in every distribution.

    Raises:
        PurgeError, S3Error: as `invalidate`, while iterating.
    """
    known = list(keys)
    for variant in access.distributions:
        yield invalidate(variant, list_paths(variant, known), access)
