"""Entry point for messages about changed originals."""

import os
from collections.abc import Mapping
from functools import partial
from itertools import batched
from typing import Any, NamedTuple

from derivatives import DerivativeStore, Kind, TriggeredStore, connect_queue
from lambda_runtime import (
    Deadline,
    LambdaRuntimeError,
    OutcomeLog,
    Task,
    read_ca_file,
    read_credentials,
    read_endpoint_url,
)
from s3_http import S3Client, S3Error, connect_bucket, parse_address, shared_connections
from sigv4 import Scope

from purge.budget import Budget
from purge.errors import EventError, PurgeError
from purge.events import Message, list_records, parse_message
from purge.invalidation import ENDPOINT_REGION, ENDPOINT_URL, CloudFront
from purge.settings import EDGE_RESIZE, REGIONAL_RESIZE, S3_TRIGGER, STORING, Settings, read_settings
from purge.work import Deployment, Invalidation, delete_stale, invalidate, list_paths

# Time to invalidate and to return the response, and to return the response alone.
_MARGIN_SECONDS = 20.0
_RESPONSE_MARGIN_SECONDS = 2.0
_CONCURRENCY = 16
# Longer than CloudFront waits for an origin that sends nothing, 30 seconds.
_REPETITION_SECONDS = 60

_log = OutcomeLog("purge")


class _Change(NamedTuple):
    """A changed original.

    Attributes:
        key: key of the original.
        messages: messages about the original.
        variants: variants whose distributions may have old copies.
        repeated: the ones of these variants whose invalidation is to be repeated later.
    """

    key: str
    messages: list[Message]
    variants: frozenset[str]
    repeated: frozenset[str]


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:
    """Purge every original that a message of SQS is about.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": id}]}`: SQS delivers these messages again.

    Raises:
        EventError, SettingsError: nothing was processed.
    """
    settings = read_settings(os.environ)
    by_key, failed = _group_messages(list_records(event), settings, context)
    deployment = _connect(settings, Deadline.of_invocation(context, margin_seconds=_MARGIN_SECONDS))
    changes: list[_Change] = []
    for group in batched(by_key.items(), _CONCURRENCY, strict=False):
        tasks = [(key, messages, Task(partial(delete_stale, key, deployment))) for key, messages in group]
        for key, messages, task in tasks:
            try:
                deleted = task.result()
            except Exception as error:  # noqa: BLE001 - an unexpected error must not stop the other messages
                failed.update(message.message_id for message in messages)
                _log_failure(error, context, key=key)
            else:
                _log.write(context, "purged", key=key, deleted=sum(deleted.values()))
                changes.append(_describe(key, messages, deleted, settings))
    deployment = _connect(settings, Deadline.of_invocation(context, margin_seconds=_RESPONSE_MARGIN_SECONDS))
    for variant in settings.distributions:
        concerned = [change for change in changes if variant in change.variants]
        failed |= _invalidate(concerned, variant, deployment, context)
    failed |= _repeat_later(changes, deployment, context)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(failed)]}


def _group_messages(
    records: list[Any], settings: Settings, context: Any
) -> tuple[dict[str, list[Message]], set[str]]:
    """Return the messages about each original by its key, and the IDs of messages that are not valid."""
    by_key: dict[str, list[Message]] = {}
    failed: set[str] = set()
    for record in records:
        try:
            message = parse_message(record, settings.bucket)
        except EventError as error:
            failed.add(_message_id(record))
            _log_failure(error, context)
        else:
            if settings.is_original(message.key):
                by_key.setdefault(message.key, []).append(message)
    return by_key, failed


def _describe(key: str, messages: list[Message], deleted: Mapping[str, int], settings: Settings) -> _Change:
    """Return the change of an original, with the variants whose distributions may have old copies.

    A distribution of `regional_resize` or `s3_trigger` serves stored derivatives only. So it has no old
    copies if no stale derivative was stored, and a new image costs no path. If an earlier invocation or
    another function deleted a stale derivative, a message demands the invalidation.
    """
    purged = frozenset(variant for variant in STORING if deleted.get(variant))
    demanded, repeated = (
        frozenset(
            variant for variant in settings.distributions if any(demands(one, variant) for one in messages)
        )
        for demands in (Message.demands_invalidation, Message.demands_repetition)
    )
    distributions = settings.distributions.keys()
    return _Change(key, messages, demanded | purged & distributions, repeated | purged & distributions)


def _repeat_later(changes: list[_Change], deployment: Deployment, context: Any) -> set[str]:
    """Have the invalidation of originals repeated; return the IDs of their messages if that fails.

    A response that CloudFront began to read before the deletion may arrive after the invalidation.
    """
    failed: set[str] = set()
    repetitions = ((change, variant) for change in changes for variant in sorted(change.repeated))
    for group in batched(repetitions, _CONCURRENCY, strict=False):
        tasks = [
            (change, Task(partial(_repeat, change.key, variant, deployment))) for change, variant in group
        ]
        for change, task in tasks:
            try:
                task.result()
            except S3Error as error:
                _log_failure(error, context, key=change.key)
                failed.update(message.message_id for message in change.messages)
    return failed


def _repeat(key: str, variant: str, deployment: Deployment) -> None:
    deployment.queue.send(key, Kind.REPEATED, variant, delay_seconds=_REPETITION_SECONDS)


def _invalidate(changes: list[_Change], variant: str, deployment: Deployment, context: Any) -> set[str]:
    """Invalidate the copies of originals; return the IDs of their messages if that fails."""
    if not changes:
        return set()
    try:
        paths = list_paths(variant, [change.key for change in changes], deployment)
        if paths:
            _log_invalidation(invalidate(variant, paths, deployment), context)
    except Exception as error:  # noqa: BLE001 - an unexpected error must not stop the other distributions
        _log_failure(error, context)
        return {message.message_id for change in changes for message in change.messages}
    return set()


def _log_invalidation(invalidation: Invalidation, context: Any) -> None:
    _log.write(
        context,
        "capped" if invalidation.is_capped else "invalidated",
        variant=invalidation.variant,
        paths=invalidation.paths,
        path_count=len(invalidation.paths),
        reason="the invalidation paths of the month are used up: old copies stay until they expire"
        if invalidation.is_capped
        else None,
    )


def _log_failure(error: Exception, context: Any, key: str | None = None) -> None:
    foreseen = isinstance(error, PurgeError | S3Error | LambdaRuntimeError)
    reason = str(error) if foreseen else repr(error)
    _log.write(context, "failed", error=error, foreseen=foreseen, key=key, reason=reason)


def _message_id(record: Any) -> str:
    # Each message of SQS has an ID. An empty ID makes SQS deliver the whole batch again (Lambda developer
    # guide, "Implementing partial batch responses").
    return str(record.get("messageId", "")) if isinstance(record, Mapping) else ""


def _connect(settings: Settings, deadline: Deadline) -> Deployment:
    def s3_client(bucket: str) -> S3Client:
        return connect_bucket(bucket, os.environ["AWS_REGION"], os.environ, deadline)

    address = parse_address(read_endpoint_url(os.environ, "CLOUDFRONT") or ENDPOINT_URL)
    originals = s3_client(settings.bucket)
    stores: dict[str, DerivativeStore | TriggeredStore] = {}
    if settings.derivatives_bucket:
        stores[REGIONAL_RESIZE] = DerivativeStore(s3_client(settings.derivatives_bucket))
    if settings.resized_path and EDGE_RESIZE in settings.distributions:
        stores[EDGE_RESIZE] = DerivativeStore(originals, settings.resized_path)
    if settings.destination_bucket:
        stores[S3_TRIGGER] = TriggeredStore(
            s3_client(settings.destination_bucket), settings.source_prefix, settings.restore_prefix
        )
    return Deployment(
        originals=originals,
        stores=stores,
        budget=Budget(
            s3_client(settings.counter_bucket), settings.counter_folder, settings.max_monthly_paths
        ),
        cloudfront=CloudFront(
            connections=shared_connections(address, read_ca_file(os.environ)),
            credentials=read_credentials(os.environ),
            scope=Scope(region=ENDPOINT_REGION, service="cloudfront"),
            deadline=deadline,
        ),
        distributions=settings.distributions,
        queue=connect_queue(settings.purge_queue_url, settings.bucket, os.environ, deadline),
    )
