"""Traces: empty objects beside derivatives that S3 deletes after some days.

Copies in CloudFront live longer than such a derivative. However, the function purge invalidates copies only
if it deletes an object, so that a new image costs no path. A trace has the `source-etag` and `source-version`
of the derivatives beside it, so that purge finds and deletes a stale trace like a stale derivative.

The key depends on the upload of the original, so that no invocation overwrites or deletes the trace of a
newer original. No condition could prevent that: all empty objects have one ETag.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from zlib import crc32

from image_url import DerivativePathError, derivative_path
from s3_http import ObjectInfo, S3Client, Upload

from derivatives.store import find_object

_CONTENT_TYPE = "application/octet-stream"


def leave_trace(  # noqa: PLR0913 - the clock is for tests
    s3: S3Client,
    key: str,
    original: ObjectInfo,
    metadata: Mapping[str, str],
    *,
    expiration_days: int,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Store the trace of a derivative that is about to be stored, unless there is one that is young enough.

    S3 deletes the derivative after `expiration_days`, and its last copy in CloudFront ends one TTL later. A
    trace that is young enough is at most `expiration_days` older than the derivative. So the trace outlives
    the copies if S3 keeps traces for twice `expiration_days` and one TTL.

    Args:
        s3: client for the bucket of the derivatives.
        key: key of the original. There is no trace if its key would have more than 1,024 bytes.
        original: metadata of the original that the derivative was made from.
        metadata: user metadata of the derivative, which its trace has too.
        expiration_days: days after which S3 deletes a derivative.
        clock: current time with a time zone.

    Raises:
        S3Error: a request failed.
    """
    upload = f"{original.etag} {original.version_id} {original.last_modified}"
    try:
        trace_key = derivative_path(key, f"trace-{crc32(upload.encode()):08x}")
    except DerivativePathError:
        return
    found = find_object(s3, trace_key)
    if found and found.last_modified:
        age = clock() - parsedate_to_datetime(found.last_modified)
        if age < timedelta(days=expiration_days):
            return
    # Without a condition: all derivatives of an upload leave the same trace, and S3 would refuse most of the
    # conditional requests that arrive at the same time (409).
    trace = Upload(data=b"", content_type=_CONTENT_TYPE, cache_control="no-store", metadata=metadata)
    s3.overwrite(trace_key, trace)
