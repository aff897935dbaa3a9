"""The requests that are signed, and their signature: pure functions without environment, clock or network."""

import re
from datetime import datetime
from urllib.parse import parse_qsl, unquote_to_bytes

from edge_event import EdgeResult, OriginRequest, rewrite
from sigv4 import UNSIGNED_PAYLOAD, Credentials, Scope, Signable, encode_path, encode_query, sign

from edge_signer.errors import UnsignableError

_SERVICE = "s3-object-lambda"
# The host of an Object Lambda access point: NAME-ACCOUNT.s3-object-lambda.REGION.amazonaws.com
_ENDPOINT = re.compile(r"[a-z0-9-]+\.s3-object-lambda(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com")

# Parameters with which S3 does not respond with the object as it is stored, but with a list, a setting of the
# bucket, another version, a part, or other headers (S3 API reference, all operations).
_S3_PARAMETERS = frozenset(
    """
    abac accelerate acl analytics annotation annotation-prefix annotationName attributes bucket-region
    continuation-token cors delete delimiter encoding-type encryption fetch-owner id intelligent-tiering
    inventory key-marker legal-hold lifecycle list-type location logging marker max-annotation-results
    max-buckets max-directory-buckets max-keys max-parts max-uploads metadataAnnotationTable
    metadataConfiguration metadataInventoryTable metadataJournalTable metadataTable metrics notification
    object-lock ownershipControls part-number-marker partNumber policy policyStatus prefix publicAccessBlock
    renameObject replication requestPayment restore retention select select-type session start-after tagging
    torrent upload-id-marker uploadId uploads version-id-marker versionId versioning versions website
    """.split()  # noqa: SIM905 - as a list it has 70 lines
)
_S3_PARAMETER_PREFIXES = ("response-", "x-amz-")

# Path and query string together stay below this limit (CloudFront developer guide, "Restrictions on
# Lambda@Edge").
_URI_LIMIT_CHARACTERS = 8_192


def parse_region(request: OriginRequest) -> str | None:
    """Return the Region in the host name of the access point.

    The result is None for a request that needs no signature: the origin is not an Object Lambda access point,
    or the method is neither GET nor HEAD.
    """
    endpoint = _ENDPOINT.fullmatch(request.custom_domain_name or "")
    return endpoint[1] if endpoint and request.method in ("GET", "HEAD") else None


def names_object(request: OriginRequest) -> bool:
    """Return True for a request that is certainly for an object, not for a list or a setting of the bucket.

    S3 responds to a signed request for the bare root with the list of all keys, or with an error that names
    the role. Paths that end in a slash or a dot segment may lead to the root as well, because a proxy may
    resolve dot segments (RFC 3986, section 5.2.4). No image has such a key.
    """
    # Names of S3's parameters are ASCII, so replacing invalid UTF-8 cannot hide one. Blank values count too,
    # as in `?acl`.
    path = unquote_to_bytes(request.uri.encode("utf-8", "replace"))
    parameters = parse_qsl(request.querystring, keep_blank_values=True, errors="replace")
    return path.rpartition(b"/")[2] not in (b"", b".", b"..") and not any(
        name in _S3_PARAMETERS or name.lower().startswith(_S3_PARAMETER_PREFIXES) for name, _ in parameters
    )


def sign_request(
    request: OriginRequest, *, region: str, credentials: Credentials, now: datetime
) -> EdgeResult:
    """Return the request with a signature, and with path and query string in the encoding that is signed.

    Args:
        request: a GET or HEAD for an object.
        region: result of `parse_region`.
        credentials: the credentials of the function.
        now: current time, with a time zone.

    Raises:
        UnsignableError: the path or the query string is not UTF-8, or too long.
    """
    uri, querystring, whole_path = _encode(request)
    host = request.custom_domain_name or ""
    signable = Signable(
        method=request.method,
        host=host,
        path=whole_path,
        query=querystring,
        # CloudFront adds this header after the function, and S3 rejects x-amz headers that are not signed.
        headers={"x-amz-cf-id": request.request_id},
        payload_hash=UNSIGNED_PAYLOAD,
    )
    signature = sign(signable, credentials=credentials, scope=Scope(region=region, service=_SERVICE), now=now)
    return rewrite(
        request,
        uri=uri,
        querystring=querystring,
        # CloudFront may forward the viewer's Host, which the signature does not cover.
        headers={**dict.fromkeys(_viewer_amz_headers(request)), "host": host, **signature},
    )


def _encode(request: OriginRequest) -> tuple[str, str, str]:
    """Return the path, the query string, and the path with the origin path that CloudFront prepends."""
    try:
        path = unquote_to_bytes(request.uri)
        # Parsed as bytes, because percent-encoded values may not be UTF-8.
        parameters = parse_qsl(request.querystring.encode(), keep_blank_values=True)
        origin_path = unquote_to_bytes(request.origin_path)
    except UnicodeError as error:
        raise UnsignableError("the path or the query string has a lone surrogate") from error
    uri, querystring = encode_path(path), encode_query(parameters)
    if len(f"{uri}?{querystring}") >= _URI_LIMIT_CHARACTERS:
        raise UnsignableError("percent-encoded, the path and the query string are too long for CloudFront")
    return uri, querystring, encode_path(origin_path + path)


def _viewer_amz_headers(request: OriginRequest) -> list[str]:
    """Return the names of x-amz headers that a policy forwards from the viewer.

    S3 rejects x-amz headers that are not signed. CloudFront's own ones cannot be removed.
    """
    return [
        name
        for name in request.raw.get("headers", {})
        if name.startswith("x-amz-") and not name.startswith("x-amz-cf-")
    ]
