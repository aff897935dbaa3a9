"""A site for traces: originals in the bucket of the running stack, and the URLs of their sizes."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from tools.console import ToolError
from tools.load.running_stack import RunningStack
from tools.paths import SAMPLES

WIDTHS = (64, 128, 256, 384, 640)
"""Widths of the sizes 0, 1, ... of a trace. Each is an entry of the variable `widths`."""

_ORIGINALS = ("cat.jpg", "coffee-progressive.jpg", "camera-grey.jpg")
_LOCAL = re.compile(r"http://127\.0\.0\.1:\d+")


@dataclass(frozen=True, kw_only=True)
class Site:
    """Originals below a prefix of their own.

    Attributes:
        stack: the running stack.
        variant: the variant that serves the site.
        bucket: bucket of the originals.
        prefix: prefix of the keys.
        cache_control: `Cache-Control` of the originals, which limits the time in caches.
    """

    stack: RunningStack
    variant: str
    bucket: str
    prefix: str
    cache_control: str

    def upload(self, original: int) -> None:
        """Upload an original or replace it. A replacement has other bytes."""
        body = (SAMPLES / _ORIGINALS[original % len(_ORIGINALS)]).read_bytes()
        # Data after the end of a JPEG changes the ETag and nothing else.
        body += f"{time.time_ns()}".encode()
        self.stack.client("s3").put_object(
            Bucket=self.bucket,
            Key=self.key(original),
            Body=body,
            ContentType="image/jpeg",
            CacheControl=self.cache_control,
        )

    def purge(self, original: int) -> None:
        """Remove the derivatives of an original from a bucket of their own, and from the caches."""
        s3 = self.stack.client("s3")
        for bucket in s3.list_buckets()["Buckets"]:
            if "-derivatives-" in bucket["Name"]:
                # Every character of the key stands for itself in the path of a derivative.
                listing = s3.list_objects_v2(Bucket=bucket["Name"], Prefix=f"{self.key(original)}/")
                for derivative in listing.get("Contents", []):
                    s3.delete_object(Bucket=bucket["Name"], Key=derivative["Key"])
        cloudfront = self.stack.client("cloudfront")
        for item in cloudfront.list_distributions()["DistributionList"]["Items"]:
            paths = {"Quantity": 1, "Items": [f"/{self.key(original)}*"]}
            cloudfront.create_invalidation(
                DistributionId=item["Id"],
                InvalidationBatch={"Paths": paths, "CallerReference": str(time.time_ns())},
            )

    def key(self, original: int) -> str:
        """Return the key of an original by its number."""
        return f"{self.prefix}/{original}.jpg"

    def target(self, original: int, size: int) -> str:
        """Return path and query string of a size of an original."""
        return f"/{self.key(original)}?width={WIDTHS[size]}"

    @property
    def url(self) -> str:
        """Base URL of the variant on this machine.

        Raises:
            ToolError: the URL is not one of 127.0.0.1.
        """
        url = self.stack.edge_url(self.variant)
        if not _LOCAL.fullmatch(url):
            raise ToolError(f"Requests are sent to 127.0.0.1 only, and not to {url}.")
        return url


def open_site(stack: RunningStack, variant: str, name: str, *, cache_control: str = "max-age=86400") -> Site:
    """Return a site whose keys nothing else uses."""
    buckets = [bucket["Name"] for bucket in stack.client("s3").list_buckets()["Buckets"]]
    return Site(
        stack=stack,
        variant=variant,
        bucket=min(buckets, key=len),  # the other buckets have a word more in their names
        prefix=f"{name}-{time.time_ns()}",
        cache_control=cache_control,
    )


def temporary_folder(stack: RunningStack, name: str) -> Path:
    """Return a folder that ends with the stack."""
    folder = stack.state.path / name
    folder.mkdir(exist_ok=True)
    return folder
