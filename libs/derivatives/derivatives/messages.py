"""Messages to the function purge, by SendMessage of SQS without an SDK."""

import json
from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from lambda_runtime import Deadline, matching, read_ca_file, read_credentials, read_endpoint_url
from s3_http import (
    ConnectionPool,
    RefusedError,
    Request,
    make_error,
    parse_address,
    send_with_retries,
    shared_connections,
    sign_request,
)
from sigv4 import Credentials, Scope, Signable, payload_hash

_URL = "https?://[!-~]+"
QUEUE_URL = matching(_URL, "the URL of a queue")
OPTIONAL_QUEUE_URL = matching(f"({_URL})?", "the URL of a queue, or empty")
"""Rules for the setting `PURGE_QUEUE_URL`. Without purge the setting is empty."""


class Kind(StrEnum):
    """The reason of a message: its `detail-type`, which has another value in the events of S3."""

    REPLACED = "Derivative Replaced"
    """A function replaced or deleted a derivative of an old original, so that purge does not find it."""
    UNCERTAIN = "Derivative Uncertain"
    """A request to S3 failed, so that an old derivative may be stored, which purge finds in the bucket."""
    REPEATED = "Invalidation Repeated"
    """Copies were invalidated a while ago. CloudFront may have cached a response that was on its way."""


class PurgeQueue(NamedTuple):
    """The queue that invokes the function purge.

    Attributes:
        url: URL of the queue.
        bucket: bucket of the originals.
        connections: connections to the endpoint of SQS.
        credentials: credentials of the function's role, which needs sqs:SendMessage.
        region: Region of the queue.
        deadline: time limit of all messages.
    """

    url: str
    bucket: str
    connections: ConnectionPool
    credentials: Credentials
    region: str
    deadline: Deadline

    def send(self, key: str, kind: Kind, variant: str, *, delay_seconds: int = 0) -> None:
        """Send a message about an original, in the form of S3's events. A repeated message does no harm.

        Args:
            key: key of the original.
            kind: reason of the message.
            variant: variant whose derivatives and distribution the message is about.
            delay_seconds: seconds before SQS delivers the message, at most 900.

        Raises:
            S3Error: SQS did not accept the message.
        """
        detail = {"bucket": {"name": self.bucket}, "object": {"key": key}}
        event = {"detail-type": kind, "source": variant, "detail": detail}
        message = {"QueueUrl": self.url, "MessageBody": json.dumps(event), "DelaySeconds": delay_seconds}
        body = json.dumps(message).encode()
        name = f"SendMessage {key}"
        response = send_with_retries(
            self.connections, lambda: self._sign(body), name=name, max_bytes=0, deadline=self.deadline
        )
        if response.status != HTTPStatus.OK:
            raise make_error(RefusedError, name, response)

    def _sign(self, body: bytes) -> Request:
        host = self.connections.address.host_header
        # The AWS JSON protocol of SQS (SQS developer guide, "Making Query API requests").
        headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage"}
        signable = Signable(
            method="POST", host=host, path="/", payload_hash=payload_hash(body), headers=headers
        )
        scope = Scope(region=self.region, service="sqs")
        return sign_request(signable, credentials=self.credentials, scope=scope, body=body)


def connect_queue(url: str, bucket: str, environment: Mapping[str, str], deadline: Deadline) -> PurgeQueue:
    """Return the queue of the function purge, without sending a request.

    Args:
        url: URL of the queue, whose host is the endpoint of SQS.
        bucket: bucket of the originals.
        environment: environment of a Lambda function: credentials, Region, and for tests a server in place of
            SQS.
        deadline: time limit of all messages.
    """
    parts = urlsplit(url)
    address = parse_address(read_endpoint_url(environment, "SQS") or f"{parts.scheme}://{parts.netloc}")
    return PurgeQueue(
        url=url,
        bucket=bucket,
        connections=shared_connections(address, read_ca_file(environment)),
        credentials=read_credentials(environment),
        region=environment["AWS_REGION"],
        deadline=deadline,
    )
