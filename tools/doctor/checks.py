"""The checks of a variant: each raises the failure that it found, with what to do."""

from collections.abc import Callable, Iterator
from email.message import Message
from functools import partial
from typing import NamedTuple

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.doctor.failure import CheckFailedError
from tools.doctor.http import Response, send
from tools.doctor.patient import MAKE, ODD, PURGED, SAMPLE, TALL, WIDE, Patient

_OPTIONS = "width=64&format=webp"
_MARK = "x-doctor"
_LOG = "{logs} names the reason"
_FORBIDDEN = 403
# The event of an upload arrives within seconds as a rule.
_PURGE_SECONDS = 60


class Check(NamedTuple):
    """A check: one line of the report.

    Attributes:
        title: what holds if the check succeeds.
        run: raises CheckFailedError, or an error of AWS.
        needs_image: the check says nothing new if the first check has failed.
    """

    title: str
    run: Callable[[], None]
    needs_image: bool = True


def list_checks(patient: Patient) -> Iterator[Check]:
    """Yield the checks of a variant, in their order: later ones rely on the uploads of earlier ones."""
    always = partial(Check, needs_image=False)
    yield always("an image has the requested size and format", partial(check_image, patient, SAMPLE))
    yield Check("a key with space, plus, percent and accent works", partial(check_image, patient, ODD))
    yield Check("metadata stays in the bucket", partial(check_metadata, patient))
    yield Check("browsers and CloudFront may cache the image", partial(check_caching, patient))
    yield Check("the second request is a hit in CloudFront", partial(check_hit, patient))
    yield Check("HEAD has the length of GET", partial(check_head, patient))
    yield always("a missing image is 404", partial(check_missing, patient))
    if not patient.is_trigger:
        yield always("an invalid URL is 400", partial(check_invalid, patient))
    if patient.deployment.outputs.signed_urls != "none":
        yield always("a URL without its signature is 403", partial(check_signature, patient))
    if patient.variant == "regional_resize":
        yield Check("S3 serves the stored image, without the function", partial(check_stored, patient))
    if patient.variant in patient.deployment.outputs.purged_variants:
        yield Check("a replaced image is new without a command", partial(check_purged, patient))
    yield Check("a replaced image is new after the invalidation", partial(check_replaced, patient))
    for bucket in _list_buckets(patient):
        yield always(f"the bucket {bucket} is not public", partial(check_private, patient, bucket))
    if patient.variant in {"object_lambda", "regional_resize"}:
        yield always("the function refuses requests without CloudFront", partial(check_function, patient))


def check_image(patient: Patient, name: str) -> None:
    """Upload an original, request an image of it, and check status, format and size."""
    patient.upload(name, WIDE)
    _expect_image(patient, _get_image(patient, name), WIDE)


def check_metadata(patient: Patient) -> None:
    """Check that neither user metadata nor EXIF leave the bucket."""
    response = _get_image(patient, SAMPLE)
    names = [name for name in response.headers if name.lower().startswith("x-amz-meta-")]
    _require(not names, f"the response has {', '.join(names)}", "run {apply}")
    has_exif = any(tag == MAKE for tag in response.image().getexif())
    _require(not has_exif, "the image has the EXIF of its original", "deploy the newest release")


def check_caching(patient: Patient) -> None:
    """Check Cache-Control, and Vary for a negotiated format."""
    if patient.is_trigger:
        return _require_lifetime(patient.get(SAMPLE).headers)
    response = patient.get(SAMPLE, "width=64&format=auto", Accept="image/avif,image/webp,*/*")
    _expect_status(response, 200)
    _require_lifetime(response.headers)
    content_type = response.headers["Content-Type"]
    _require(
        content_type in {"image/avif", "image/webp", "image/jpeg"},
        f"format=auto has the type {content_type}",
        _LOG,
    )
    vary = (response.headers["Vary"] or "").lower()
    return _require("accept" in vary, "format=auto has no Vary: Accept", "run {apply}")


def _require_lifetime(headers: Message) -> None:
    control = (headers["Cache-Control"] or "").lower()
    may = "no-store" not in control and "private" not in control
    _require(may, f"Cache-Control is {control}", _LOG)


def check_hit(patient: Patient) -> None:
    """Check that CloudFront caches. Two requests may reach two servers, so there are three."""
    found = [_get_image(patient, SAMPLE).x_cache for _ in range(3)]
    _require(
        "Hit" in found,
        f"X-Cache is {', '.join(found)}",
        "check the cache policy of the distribution, and distribution.default_ttl_seconds",
    )


def check_head(patient: Patient) -> None:
    """Check that a HEAD has the length of the image: a function URL may rename the header."""
    expected = str(len(_get_image(patient, SAMPLE).body))
    response = patient.get(SAMPLE, _options(patient), method="HEAD")
    _expect_status(response, 200)
    found = response.headers["Content-Length"]
    _require(found == expected, f"Content-Length is {found}, not {expected}", "report this: it is a defect")


def check_missing(patient: Patient) -> None:
    """Check that a missing original gets a 404, not a 403 and not an error of a function."""
    response = patient.get("missing.jpg", _options(patient))
    remedy = (
        "grant the function s3:ListBucket, or upload the page for missing images (docs/deploy.md)"
        if response.status == _FORBIDDEN
        else _LOG
    )
    _require(response.status == 404, f"the status is {response.status}", remedy)  # noqa: PLR2004  # the status in the title of the check


def check_invalid(patient: Patient) -> None:
    """Check that CloudFront runs the viewer-request function."""
    response = patient.get(SAMPLE, "width=banana")
    _require(
        response.status == 400,  # noqa: PLR2004  # the status in the title of the check
        f"width=banana has the status {response.status}",
        "run {apply}: the distribution lacks the viewer-request function",
    )


def check_signature(patient: Patient) -> None:
    """Check that a URL that needs a signature is refused without one."""
    response = patient.get(SAMPLE, "width=64&height=64", signed=False)
    _require(
        response.status == _FORBIDDEN,
        f"the status is {response.status}",
        "run {apply}: the viewer-request function does not verify signatures",
    )


def check_stored(patient: Patient) -> None:
    """Check that S3 serves a stored derivative after CloudFront lost its copy.

    The stored derivative gets a Content-Language that no function sets. The response has that header after
    an invalidation only if the response comes from the bucket.
    """
    bucket = patient.deployment.outputs.derivatives_bucket or ""
    keys = patient.list_stored(SAMPLE)
    _require(
        bool(keys),
        f"there is no derivative of the sample in {bucket}",
        "grant the function s3:PutObject on the bucket of derivatives",
    )
    for key in keys:
        found = patient.s3.head_object(Bucket=bucket, Key=key)
        patient.s3.copy_object(
            Bucket=bucket,
            Key=key,
            CopySource={"Bucket": bucket, "Key": key},
            MetadataDirective="REPLACE",
            Metadata=found["Metadata"],
            ContentType=found["ContentType"],
            CacheControl=found.get("CacheControl", ""),
            ContentLanguage=_MARK,
        )
    patient.invalidate(SAMPLE)
    response = _get_image(patient, SAMPLE)
    _require(
        response.headers["Content-Language"] == _MARK,
        f"the function made the image again (X-Cache {response.x_cache})",
        "let CloudFront read the bucket of derivatives: run {apply}",
    )


def check_replaced(patient: Patient) -> None:
    """Check that a replaced original is served after the deletion of its derivatives and an invalidation."""
    before = _get_image(patient, SAMPLE).body
    patient.upload(SAMPLE, TALL)
    patient.delete_derivatives(SAMPLE)
    patient.invalidate(SAMPLE)
    response = _get_image(patient, SAMPLE)
    _require(
        response.body != before,
        f"the image is still the old one (X-Cache {response.x_cache})",
        "run {purge}, and check that the distribution is the one in the output distribution_ids",
    )
    _expect_image(patient, response, TALL)


def check_purged(patient: Patient) -> None:
    """Check that the function purge removes the copies of a replaced original."""
    patient.upload(PURGED, WIDE)
    before = _get_image(patient, PURGED).body
    patient.upload(PURGED, TALL)
    failure = CheckFailedError(
        f"the image is still the old one {_PURGE_SECONDS} s after the upload",
        "after the first {apply}, wait five minutes until S3 sends events; otherwise let the "
        "bucket send its events to EventBridge (docs/operate.md, Purging), run {apply}, and read "
        "the log and the failure queue of purge",
    )
    patient.wait_until(lambda: _get_image(patient, PURGED).body != before, _PURGE_SECONDS, failure)


def check_private(patient: Patient, bucket: str) -> None:
    """Check that S3 refuses an unsigned request."""
    deployment = patient.deployment
    anonymous = deployment.session.client(
        "s3",
        endpoint_url=deployment.endpoint_url,
        region_name=deployment.outputs.region,
        config=Config(signature_version=UNSIGNED),
    )
    try:
        anonymous.list_objects_v2(Bucket=bucket, MaxKeys=1)
        status = 200
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    _require(
        status == _FORBIDDEN,
        f"an unsigned list has the status {status}",
        "enable S3 Block Public Access, and remove the public statement from the policy of the bucket",
    )


def check_function(patient: Patient) -> None:
    """Check that the function URL, if there is one, refuses an unsigned request."""
    deployment = patient.deployment
    arn = deployment.outputs.function_arns[patient.variant]
    try:
        url = deployment.functions.get_function_url_config(FunctionName=arn)["FunctionUrl"]
    except deployment.functions.exceptions.ResourceNotFoundException:
        return
    response = send(f"{url.rstrip('/')}/{SAMPLE}", through=deployment.endpoint_url)
    _require(
        response.status == _FORBIDDEN,
        f"an unsigned request has the status {response.status}",
        "set the authorization of the function URL to AWS_IAM: run {apply}",
    )


def _list_buckets(patient: Patient) -> Iterator[str]:
    outputs = patient.deployment.outputs
    yield outputs.originals_bucket
    if patient.variant == "regional_resize" and outputs.derivatives_bucket:
        yield outputs.derivatives_bucket
    if patient.is_trigger and outputs.destination_bucket:
        yield outputs.destination_bucket


def _options(patient: Patient) -> str:
    return "" if patient.is_trigger else _OPTIONS


def _get_image(patient: Patient, name: str) -> Response:
    response = patient.get(name, _options(patient))
    _expect_status(response, 200)
    return response


def _expect_image(patient: Patient, response: Response, original: tuple[int, int]) -> None:
    """Check format and size.

    The widths of the deployment may round up 64, and no image is enlarged. The box and the fit of s3_trigger
    are settings of the deployment.
    """
    image = response.image()
    if patient.is_trigger:
        return
    width, height = original
    fits = min(64, width) <= image.width <= width and abs(image.width * height / width - image.height) < 1
    _require(
        fits and image.format == "WEBP",
        f"the image is {image.format} {image.width}x{image.height}, not WEBP of "
        f"{width}x{height} at a width of 64",
        _LOG,
    )


def _expect_status(response: Response, status: int) -> None:
    remedy = {
        301: _LOG,
        302: f"{_LOG}: the function cannot read or write the bucket",
        403: "add the statements in the output existing_bucket_policy, or run {apply}",
        404: "check that the bucket of the deployment has the sample: another bucket may be the origin",
        415: "deploy the newest release",
        429: "Lambda starts no more runs: raise the reserved concurrency of the function, or the quota "
        "Concurrent executions of the account",
        503: f"{_LOG}: a permission is missing, or S3 fails",
    }.get(response.status, _LOG)
    reason = f" ({response.reason})" if response.reason else ""
    _require(response.status == status, f"the status is {response.status}{reason}", remedy)


def _require(holds: object, found: str, remedy: str) -> None:
    if not holds:
        raise CheckFailedError(found, remedy)
