"""Successful responses that S3 cannot have sent: told apart by what S3 always sends with an object.

S3 reports an error that occurs after the status line in the body of a 200 (S3 API reference, CopyObject and
CompleteMultipartUpload), and anything on the way can answer in the place of S3.
"""

import hashlib
import re
from http import HTTPStatus

from s3_http.connections import Reply, Request
from s3_http.objects import ObjectInfo

_MD5_ETAG = re.compile(r'"[0-9a-f]{32}"')
# With other encryption an ETag is no MD5 digest (S3 API reference, "Object", ETag).
_ENCRYPTION_WITH_MD5_ETAG = (None, "AES256")


def flaw_of(request: Request, reply: Reply) -> str | None:
    """Return what shows that a response is not that of S3, as the end of a sentence; None for nothing.

    Args:
        request: HEAD, GET or PUT of an object, or a POST.
        reply: the response to it. Errors are left to the caller.
    """
    whole = reply.status == HTTPStatus.OK
    if not whole and not (reply.status == HTTPStatus.PARTIAL_CONTENT and "range" in request.headers):
        return None
    if request.method != "GET" and b"<Error" in reply.body:
        return "with an error document"
    if request.method != "POST" and "etag" not in reply.headers:
        return "without an ETag"
    return _flaw_of_object(reply, request.seen) if request.method == "GET" and whole else None


def _flaw_of_object(reply: Reply, seen: ObjectInfo | None) -> str | None:
    if seen and reply.headers["etag"].strip('"') != seen.etag:
        return "with another object than the one asked for"
    if seen and len(reply.body) != seen.content_length:
        return f"with {len(reply.body)} bytes in the place of {seen.content_length}"
    return None if _is_intact(reply) else "with bytes that do not match their ETag"


def _is_intact(reply: Reply) -> bool:
    """Compare the body with its ETag, where that is an MD5 digest: the object was uploaded in one part."""
    etag = reply.headers["etag"]
    encryption = reply.headers.get("x-amz-server-side-encryption")
    if not _MD5_ETAG.fullmatch(etag) or encryption not in _ENCRYPTION_WITH_MD5_ETAG:
        return True
    return hashlib.md5(reply.body, usedforsecurity=False).hexdigest() == etag.strip('"')
