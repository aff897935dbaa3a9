"""CreateInvalidation of CloudFront, without an SDK."""

import os
from collections.abc import Iterable
from http import HTTPStatus
from typing import NamedTuple

from lambda_runtime import Deadline
from s3_http import ConnectionPool, Request, send_with_retries, sign_request
from sigv4 import Credentials, Scope, Signable, payload_hash

from purge.errors import InvalidationError

ENDPOINT_URL, ENDPOINT_REGION = "https://cloudfront.amazonaws.com", "us-east-1"
"""CloudFront's endpoint for all Regions of the standard partition (AWS general reference, "Amazon CloudFront
endpoints and quotas")."""

_VERSION = "2020-05-31"


class CloudFront(NamedTuple):
    """Access to CloudFront's API.

    Attributes:
        connections: connections to the endpoint.
        credentials: credentials of the function's role.
        scope: Region of the endpoint, and the service `cloudfront`.
        deadline: time limit of all requests.
    """

    connections: ConnectionPool
    credentials: Credentials
    scope: Scope
    deadline: Deadline


def create_invalidation(distribution_id: str, paths: Iterable[str], cloudfront: CloudFront) -> None:
    """Create an invalidation.

    Args:
        distribution_id: ID of the distribution.
        paths: result of `derivatives.merge_paths`, which has no character that XML would escape.
        cloudfront: access to the API.

    Raises:
        InvalidationError: CloudFront rejects the invalidation. A later request may succeed if the code is
            `TooManyInvalidationsInProgress`.
        S3Error: CloudFront did not respond.
    """
    items = [f"<Path>{path}</Path>" for path in sorted(paths)]
    body = (
        f'<InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/{_VERSION}/">'
        # A retry has the same reference, and therefore creates no second invalidation.
        f"<CallerReference>{os.urandom(16).hex()}</CallerReference>"
        f"<Paths><Quantity>{len(items)}</Quantity><Items>{''.join(items)}</Items></Paths></InvalidationBatch>"
    ).encode()
    path = f"/{_VERSION}/distribution/{distribution_id}/invalidation"
    name = f"CreateInvalidation {distribution_id}"
    response = send_with_retries(
        cloudfront.connections,
        lambda: _sign(path, body, cloudfront),
        name=name,
        max_bytes=0,
        deadline=cloudfront.deadline,
    )
    if response.status != HTTPStatus.CREATED:
        raise InvalidationError(f"{name}: {response.status} {response.error_code}")


def _sign(path: str, body: bytes, cloudfront: CloudFront) -> Request:
    host = cloudfront.connections.address.host_header
    headers = {"content-type": "text/xml"}
    signable = Signable(method="POST", host=host, path=path, payload_hash=payload_hash(body), headers=headers)
    return sign_request(signable, credentials=cloudfront.credentials, scope=cloudfront.scope, body=body)
