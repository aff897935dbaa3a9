"""A variant of a deployment with the sample originals that its checks use."""

import io
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from botocore.exceptions import ClientError
from PIL import Image

from tools.deployment import Deployment
from tools.doctor.failure import CheckFailedError
from tools.doctor.http import Response, send
from tools.erase.invalidations import create_invalidations, wait_for_invalidations
from tools.erase.locations import (
    Extent,
    Location,
    Selection,
    encode_key,
    list_derivative_locations,
    list_invalidation_paths,
)
from tools.erase.objects import delete_versions, list_versions
from tools.erase.outputs import Distribution, Outputs
from tools.sign import sign_url

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RESERVED = ".edge-images/doctor/"
"""Folder of the sample originals, next to the page for missing images. They are originals to purge, too."""
SAMPLE = "sample.jpg"
ODD = "a b+ä@%25.jpg"
"""A name that differs if it is encoded or decoded once too often."""
PURGED = "purged.jpg"
"""Name of the sample whose copies the function purge has to remove."""
WIDE, TALL = (96, 48), (48, 96)
"""Sizes in pixels of the first and of the second original."""
MAKE = 0x010F
"""EXIF tag of the camera's make."""
_WAIT_SECONDS = 60
_PURGE_SECONDS = 10
_POLL_SECONDS = 0.5
_NOT_FOUND = frozenset({"404", "NoSuchKey"})


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A variant under examination.

    Attributes:
        deployment: the deployment.
        distribution: distribution of the variant.
        secret: secret of the key `main` for signed URLs; empty: URLs are not signed.
        run: name of the folder of this run. Earlier runs leave nothing in the caches that matters.
        trigger_seconds: maximum time from an upload to the derivative of s3_trigger.
    """

    deployment: Deployment[Outputs]
    distribution: Distribution
    secret: str = ""
    run: str = field(default_factory=lambda: uuid.uuid4().hex)
    trigger_seconds: float = _WAIT_SECONDS

    @property
    def variant(self) -> str:
        """Name of the variant."""
        return self.distribution.variant

    @property
    def s3(self) -> "S3Client":
        """Client of S3."""
        return self.deployment.s3

    @property
    def is_trigger(self) -> bool:
        """True for s3_trigger, whose URLs have no options."""
        return self.variant == "s3_trigger"

    def key(self, name: str) -> str:
        """Return the key of an original."""
        source = self.deployment.outputs.source_prefix if self.is_trigger else ""
        return f"{source}{RESERVED}{self.run}/{name}"

    def url(self, name: str, query: str = "", *, signed: bool = True) -> str:
        """Return the URL of an image with options, signed if there is a secret."""
        base = self.deployment.edge_urls[self.variant]
        url = f"{base}/{quote(f'{RESERVED}{self.run}/{name}')}{f'?{query}' if query else ''}"
        return sign_url(url, self.secret) if signed and self.secret else url

    def get(
        self, name: str, query: str = "", *, method: str = "GET", signed: bool = True, **headers: str
    ) -> Response:
        """Request an image."""
        return send(self.url(name, query, signed=signed), method=method, headers=headers)

    def upload(self, name: str, size: tuple[int, int]) -> None:
        """Upload an original with EXIF and user metadata; with s3_trigger, wait for its derivative.

        Raises:
            CheckFailedError: s3_trigger made no derivative in time.
        """
        derivative = f"{RESERVED}{self.run}/{name}"
        destination = self.deployment.outputs.destination_bucket
        before = self._find_etag(destination, derivative) if self.is_trigger and destination else None
        self.s3.put_object(
            Bucket=self.deployment.outputs.originals_bucket,
            Key=self.key(name),
            Body=make_original(size),
            ContentType="image/jpeg",
            Metadata={"doctor": "1"},
        )
        if self.is_trigger and destination:
            self.wait_until(
                lambda: self._find_etag(destination, derivative) not in {None, before},
                self.trigger_seconds,
                CheckFailedError(
                    f"no derivative {self.trigger_seconds:.0f} s after the upload",
                    "look into the failure queue, read the log ({logs}), and check that .jpg is in "
                    "s3_trigger.suffixes; if the log has no line, S3 sends no events: run {apply}",
                ),
            )

    def wait_until(self, is_true: Callable[[], bool], seconds: float, failure: CheckFailedError) -> None:
        """Wait for a condition.

        Raises:
            CheckFailedError: the condition is still false after this time.
        """
        deadline = time.monotonic() + seconds
        while not is_true():
            if time.monotonic() > deadline:
                raise failure
            time.sleep(_POLL_SECONDS)

    def invalidate(self, name: str) -> None:
        """Invalidate the URLs of an original, and wait for the end."""
        selection = Selection(text=self.key(name), is_prefix=False)
        paths = list(list_invalidation_paths(self.deployment.outputs, self.variant, selection))
        cloudfront = self.deployment.cloudfront
        wait_for_invalidations(cloudfront, create_invalidations(cloudfront, {self.distribution: paths}))

    def delete_derivatives(self, name: str) -> None:
        """Delete the derivatives of an original that requests make again."""
        selection = Selection(text=self.key(name), is_prefix=False)
        for location in list_derivative_locations(self.deployment.outputs, selection):
            delete_versions(self.s3, location.bucket, list_versions(self.s3, location))

    def list_stored(self, name: str) -> list[str]:
        """Return the keys of the stored derivatives of an original in the bucket of regional_resize.

        Their traces are empty.
        """
        bucket = self.deployment.outputs.derivatives_bucket or ""
        found = self.s3.list_objects_v2(Bucket=bucket, Prefix=f"{encode_key(self.key(name))}/")
        return [each["Key"] for each in found.get("Contents", []) if each["Size"]]

    def clean(self) -> None:
        """Delete the originals of this run, then everything that was made from them."""
        originals, *derivatives = self._list_locations()
        self._delete(originals)
        if self.is_trigger and self.deployment.outputs.purged_variants:
            # The function purge deletes these derivatives too: its delete marker must not come later.
            with suppress(CheckFailedError):
                self.wait_until(
                    lambda: not any(map(self._has_objects, derivatives)),
                    _PURGE_SECONDS,
                    CheckFailedError("purge deleted no derivative", ""),
                )
        for location in derivatives:
            self._delete(location)

    def _has_objects(self, location: Location) -> bool:
        found = self.s3.list_objects_v2(Bucket=location.bucket, Prefix=location.prefix, MaxKeys=1)
        return bool(found.get("Contents"))

    def _delete(self, location: Location) -> None:
        delete_versions(self.s3, location.bucket, list_versions(self.s3, location))

    def _list_locations(self) -> Sequence[Location]:
        outputs, folder = self.deployment.outputs, self.key("")
        prefixes = [
            (outputs.originals_bucket, folder),
            (outputs.originals_bucket, f"{outputs.resized_path}/{folder}"),
            (outputs.derivatives_bucket, encode_key(folder)),
            (outputs.destination_bucket, f"{RESERVED}{self.run}/"),
        ]
        return [
            Location(title="samples", bucket=bucket, prefix=prefix, extent=Extent.ALL)
            for bucket, prefix in prefixes
            if bucket
        ]

    def _find_etag(self, bucket: str, key: str) -> str | None:
        try:
            return self.s3.head_object(Bucket=bucket, Key=key)["ETag"]
        except ClientError as error:
            if error.response["Error"].get("Code") in _NOT_FOUND:
                return None
            raise


def make_original(size: tuple[int, int]) -> bytes:
    """Return a JPEG with a gradient and EXIF."""
    exif = Image.Exif()
    exif[MAKE] = "doctor"
    gradient = Image.linear_gradient("L").resize(size)
    buffer = io.BytesIO()
    Image.merge("RGB", [gradient] * 3).save(buffer, format="JPEG", exif=exif, quality=90)
    return buffer.getvalue()
