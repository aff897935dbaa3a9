"""Detection of successful responses that did not come from S3: they lack what each response of S3 has.

S3 reports an error that occurs after the status line in the body of a 200 (S3 API reference, CopyObject and
CompleteMultipartUpload). Proxies and captive portals may respond in place of S3.
"""

import hashlib
import re
from http import HTTPStatus

from s3_http.connections import Request, Response
from s3_http.objects import ObjectInfo

_MD5_ETAG = '"[0-9a-f]{32}"'
# Under any other encryption the ETag is no MD5 digest (S3 API reference, "Object", ETag).
_ENCRYPTION_WITH_MD5_ETAG = (None, "AES256")


def find_flaw(request: Request, response: Response) -> str | None:
    """Return the reason why a successful response did not come from S3, for the end of a message, or None.

    Args:
        request: HEAD, GET or PUT of an object, a listing, or a POST to S3 or to another service.
        response: response to the request. An error status is never a flaw.
    """
    is_whole = response.status == HTTPStatus.OK
    is_partial = response.status == HTTPStatus.PARTIAL_CONTENT and "range" in request.headers
    if not is_whole and not is_partial:
        return None
    if not request.names_object and request.method == "GET":
        return None if b"<ListBucketResult" in response.body else "without a listing"
    # An object may contain this text, so the body of a GET is compared with its ETag and its length instead.
    if request.method != "GET" and b"<Error" in response.body:
        return "with an error document"
    # No POST is for a single object.
    if request.method != "POST" and "etag" not in response.headers:
        return "without an ETag"
    return _find_object_flaw(response, request.expected) if request.method == "GET" and is_whole else None


def _find_object_flaw(response: Response, expected: ObjectInfo | None) -> str | None:
    if expected and response.headers["etag"].strip('"') != expected.etag:
        return "with another object than the one asked for"
    if expected and len(response.body) != expected.content_length:
        return f"with {len(response.body)} bytes in the place of {expected.content_length}"
    return None if _is_intact(response) else "with bytes that do not match their ETag"


def _is_intact(response: Response) -> bool:
    """Return False if the ETag is an MD5 digest, as for uploads in one part, and not that of the body."""
    etag = response.headers["etag"]
    encryption = response.headers.get("x-amz-server-side-encryption")
    if not re.fullmatch(_MD5_ETAG, etag) or encryption not in _ENCRYPTION_WITH_MD5_ETAG:
        return True
    return hashlib.md5(response.body, usedforsecurity=False).hexdigest() == etag.strip('"')
