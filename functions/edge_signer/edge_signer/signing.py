"""Which requests are signed, and how: without environment, clock or network."""

import re
from datetime import datetime
from urllib.parse import parse_qsl, unquote_to_bytes

from edge_event import EdgeResult, OriginRequest, rewrite
from sigv4 import UNSIGNED_PAYLOAD, Credentials, Scope, Signable, encode_path, encode_query, sign

from edge_signer.errors import UnsignableError

_SERVICE = "s3-object-lambda"
# The host of an Object Lambda access point: NAME-ACCOUNT.s3-object-lambda.REGION.amazonaws.com
_ENDPOINT = re.compile(r"[a-z0-9-]+\.s3-object-lambda(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com")

# Parameters by which S3 answers with something else than the object: lists, settings of the bucket, older
# versions, parts, headers that the caller chooses (S3 API reference, all operations).
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

# CloudFront developer guide, "Restrictions on Lambda@Edge": path and query string have fewer characters.
_LONGEST = 8_192


def region_of(request: OriginRequest) -> str | None:
    """The Region whose S3 Object Lambda gets the request; None for a request that is not to be signed."""
    endpoint = _ENDPOINT.fullmatch(request.custom_domain_name or "")
    return endpoint[1] if endpoint and request.method in ("GET", "HEAD") else None


def names_object(request: OriginRequest) -> bool:
    """Return whether a request can only mean an object, and not a list or a setting of the bucket.

    S3 answers a signed request for the bare root with the list of all keys, or with an error that names the
    role. A path that ends in a slash or a dot segment leads there too, as soon as anything on the way
    resolves it (RFC 3986, section 5.2.4), and no image has such a key.
    """
    path = unquote_to_bytes(request.uri.encode("utf-8", "replace"))
    parameters = parse_qsl(request.querystring, keep_blank_values=True, errors="replace")
    return path.rpartition(b"/")[2] not in (b"", b".", b"..") and not any(
        name in _S3_PARAMETERS or name.lower().startswith(_S3_PARAMETER_PREFIXES) for name, _ in parameters
    )


def signed(request: OriginRequest, *, region: str, credentials: Credentials, now: datetime) -> EdgeResult:
    """The request as S3 accepts it: path and query string in the one spelling that is signed, and signed.

    Raises:
        UnsignableError: the path or the query string is no text, or too long.
    """
    uri, querystring, whole_path = _spelled(request)
    host = request.custom_domain_name or ""
    signable = Signable(
        method=request.method,
        host=host,
        path=whole_path,
        query=querystring,
        # CloudFront adds this header after the function, and S3 wants every x-amz header signed.
        headers={"x-amz-cf-id": request.request_id},
        payload_hash=UNSIGNED_PAYLOAD,
    )
    added = sign(signable, credentials=credentials, scope=Scope(region=region, service=_SERVICE), now=now)
    return rewrite(
        request,
        uri=uri,
        querystring=querystring,
        headers={**dict.fromkeys(_unsigned(request)), "host": host, **added},
    )


def _spelled(request: OriginRequest) -> tuple[str, str, str]:
    """Path, query string, and the path with that of the origin, which CloudFront puts before it."""
    try:
        path = unquote_to_bytes(request.uri)
        # As bytes: what a viewer sends need not be UTF-8.
        parameters = parse_qsl(request.querystring.encode(), keep_blank_values=True)
        origin_path = unquote_to_bytes(request.origin_path)
    except UnicodeError as error:
        raise UnsignableError("the path or the query string is no text") from error
    uri, querystring = encode_path(path), encode_query(parameters)
    if len(f"{uri}?{querystring}") >= _LONGEST:
        raise UnsignableError("percent-encoded, the path and the query string are too long for CloudFront")
    return uri, querystring, encode_path(origin_path + path)


def _unsigned(request: OriginRequest) -> list[str]:
    """The x-amz headers of the viewer, where a policy lets them through: S3 refuses them unsigned."""
    return [
        name
        for name in request.raw.get("headers", {})
        if name.startswith("x-amz-") and not name.startswith("x-amz-cf-")
    ]
