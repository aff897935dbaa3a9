"""Requests of the playground to the running stack: images, uploads, options, traces and logs."""

import hashlib
import http.client
import json
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

from botocore.exceptions import ClientError

from tools.local.examples import SUFFIXES
from tools.local.playground.metadata import describe_image
from tools.logs.reader import parse_line

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_logs import CloudWatchLogsClient

    from tools.local.stack import Stack

MAX_UPLOAD_BYTES = 64 * 1024 * 1024
"""Maximum size of an upload: the limit of the functions for an original."""
UPLOADS = "uploads/"
"""Prefix of the keys of uploads."""

_SUFFIXES = {
    "AVIF": ".avif",
    "BMP": ".bmp",
    "GIF": ".gif",
    "JPEG": ".jpg",
    "MPO": ".jpg",
    "PNG": ".png",
    "WEBP": ".webp",
}
_MAX_ORIGINALS = 1_000
_MAX_STEM_CHARACTERS = 60
_LOG_SECONDS = 0.1
_POLL_SECONDS = 0.02
_TIMEOUT_SECONDS = 60.0
# Functions log the ID of CloudFront, of the function URL or of S3.
_REQUEST_IDS = ("X-Amz-Cf-Id", "x-amzn-requestid", "x-amz-request-id")
# Origins that run a function: its URL, or S3 Object Lambda.
_TRANSFORMING = re.compile(r"\.lambda-url\.|--ol-s3|\.s3-object-lambda\.")
# The viewer-request function has its configuration in this line.
_CONFIG = re.compile(r"^const CONFIG = (\{.*\});$", re.MULTILINE)


class RefusedError(Exception):
    """The stack cannot do what a page asks.

    Attributes:
        status: HTTP status.
        sentence: reason and remedy, for the user.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Backend:
    """Reads from and writes to a running stack.

    Args:
        stack: the stack.
    """

    def __init__(self, stack: "Stack") -> None:
        self._stack = stack
        self._bucket: str = stack.outputs["bucket_name"]
        session = stack.emulator.session()
        self._cloudfront: CloudFrontClient = session.client("cloudfront", endpoint_url=stack.emulator_url)
        self._logs: dict[str, CloudWatchLogsClient] = {
            region: session.client("logs", region_name=region, endpoint_url=stack.emulator_url)
            for region in {arn.split(":")[3] for arn in stack.outputs["function_arns"].values()}
        }

    def describe(self) -> dict[str, Any]:
        """Return the variants with the configuration of their URLs, and the keys of the originals."""
        variants = {variant: self._describe_variant(variant) for variant in self._stack.edge_urls}
        prefixes = {each["config"]["derivatives_prefix"] for each in variants.values()}
        return {
            "bucket": self._bucket,
            "variants": variants,
            "originals": list(self._list_originals(tuple(f"{prefix}/" for prefix in prefixes if prefix))),
            "maxUploadBytes": MAX_UPLOAD_BYTES,
        }

    def request(self, variant: str, target: str, accept: str) -> tuple[dict[str, Any], bytes]:
        """Send a viewer's request to the edge of a variant. Redirects are not followed.

        Args:
            variant: an enabled variant.
            target: path and query string, already encoded.
            accept: Accept header of the viewer.

        Returns:
            Facts about the response, and its body.
        """
        edge = urlsplit(self._edge_url(variant))
        connection = http.client.HTTPConnection(str(edge.hostname), edge.port, timeout=_TIMEOUT_SECONDS)
        since, started = time.time(), time.perf_counter()
        try:
            connection.request("GET", target, headers={"Accept": accept})
            with connection.getresponse() as response:
                body = response.read()
                milliseconds = 1000 * (time.perf_counter() - started)
                headers = response.getheaders()
        except (OSError, http.client.HTTPException) as error:
            raise RefusedError(502, f"The edge of {variant} did not respond: {error}.") from error
        finally:
            connection.close()
        steps = self._stack.traces.find(response.headers["X-Amz-Cf-Id"])
        request_ids = [found for name in _REQUEST_IDS if (found := response.headers[name])]
        has_function = any(step.kind == "function" or _TRANSFORMING.search(step.name) for step in steps)
        return {
            "status": response.status,
            "reason": response.reason,
            "headers": headers,
            "milliseconds": milliseconds,
            "bytes": len(body),
            "steps": [asdict(step) for step in steps],
            "log": self._find_log(variant, request_ids, since) if has_function else None,
            "image": describe_image(body),
        }, body

    def read_original(self, key: str) -> tuple[dict[str, Any], bytes]:
        """Return facts about an original, and its bytes.

        Raises:
            RefusedError: the bucket has no such object.
        """
        try:
            found = self._stack.s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            raise RefusedError(404, f"The bucket has no object {key}.") from error
        body = found["Body"].read()
        headers = {"Content-Type": found["ContentType"], "ETag": found["ETag"]} | {
            f"x-amz-meta-{name}": value for name, value in found["Metadata"].items()
        }
        return {"bytes": len(body), "headers": list(headers.items()), "image": describe_image(body)}, body

    def upload(self, name: str, body: bytes) -> str:
        """Store an image in the bucket, and return its key.

        The key consists of the name of the file, a digest of the content and the suffix of the format, so
        that an upload never replaces another image.

        Raises:
            RefusedError: the content is not an image that the product can transform.
        """
        image = describe_image(body)
        if image is None:
            raise RefusedError(
                415, f"{name} is not an image: choose a JPEG, PNG, GIF, BMP, WebP or AVIF file."
            )
        stem = re.sub(r"[^\w-]+", "-", PurePath(name).stem)[:_MAX_STEM_CHARACTERS].strip("-") or "image"
        digest = hashlib.sha256(body).hexdigest()[:8]
        key = f"{UPLOADS}{stem}-{digest}{_SUFFIXES[image['format']]}"
        keys = [key]
        if trigger := self._stack.outputs.get("s3_trigger"):
            keys.append(f"{trigger['source_prefix']}{key}")
        for each in dict.fromkeys(keys):
            self._stack.s3.put_object(
                Bucket=self._bucket, Key=each, Body=body, ContentType=f"image/{image['format'].lower()}"
            )
        return key

    def invalidate(self, variant: str, path: str) -> None:
        """Create an invalidation of all URLs of an image in the distribution of a variant."""
        self._edge_url(variant)
        self._cloudfront.create_invalidation(
            DistributionId=self._stack.outputs["distribution_ids"][variant],
            InvalidationBatch={
                "CallerReference": str(uuid.uuid4()),
                "Paths": {"Quantity": 1, "Items": [f"{quote(unquote(path))}*"]},
            },
        )

    def _edge_url(self, variant: str) -> str:
        try:
            return self._stack.edge_urls[variant]
        except KeyError:
            raise RefusedError(404, f"The stack has no variant {variant}.") from None

    def _describe_variant(self, variant: str) -> dict[str, Any]:
        distribution_id = self._stack.outputs["distribution_ids"][variant]
        config = self._cloudfront.get_distribution_config(Id=distribution_id)["DistributionConfig"]
        function = config["DefaultCacheBehavior"]["FunctionAssociations"]["Items"][0]["FunctionARN"]
        name = function.rpartition("/")[2]
        code = self._cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read().decode()
        (config_json,) = _CONFIG.findall(code)
        return {
            "url": self._stack.edge_urls[variant],
            "hasOptions": variant != "s3_trigger",
            "config": json.loads(config_json),
        }

    def _list_originals(self, derivatives: tuple[str, ...]) -> Iterator[str]:
        trigger = self._stack.outputs.get("s3_trigger")
        is_only_trigger = trigger and len(self._stack.edge_urls) == 1
        prefix = trigger["source_prefix"] if trigger else ""
        listed = self._stack.s3.list_objects_v2(Bucket=self._bucket, MaxKeys=_MAX_ORIGINALS)
        for found in listed.get("Contents", []):
            key = found["Key"]
            if is_only_trigger:
                key = key.removeprefix(prefix)
            elif prefix and key.startswith(prefix):
                continue
            if key.lower().endswith(SUFFIXES) and not key.startswith(derivatives):
                yield key

    def _find_log(self, variant: str, request_ids: list[str], since: float) -> dict[str, Any] | None:
        """Return the line that the function of a variant logged for a request.

        The line may arrive after the response. s3_trigger has no function that serves requests.
        """
        arn = self._stack.outputs["function_arns"][variant].split(":")
        region, name = arn[3], arn[6]
        deadline = time.monotonic() + _LOG_SECONDS
        while True:
            found = self._logs[region].filter_log_events(
                logGroupName=f"/aws/lambda/{name}", startTime=int(1000 * since)
            )
            for event in reversed(found["events"]):
                line = parse_line(event["message"])
                if line and line.get("request_id") in request_ids:
                    return line
            if time.monotonic() > deadline:
                return None
            time.sleep(_POLL_SECONDS)
