"""S3 objects over kept-alive connections, with a deadline, retries and typed errors."""

from s3_http.addresses import Address, bucket_address, parse_address
from s3_http.client import S3Client, connect_bucket
from s3_http.connections import ConnectionPool, Request, Response, shared_connections, sign_request
from s3_http.errors import (
    AccessDeniedError,
    AddressError,
    ObjectChangedError,
    ObjectMissingError,
    ObjectTooLargeError,
    RefusedError,
    S3Error,
    TransientError,
)
from s3_http.objects import ObjectInfo, S3Object, Upload
from s3_http.retries import make_error, send_with_retries
from s3_http.retry_policy import RetryPolicy

__all__ = [
    "AccessDeniedError",
    "Address",
    "AddressError",
    "ConnectionPool",
    "ObjectChangedError",
    "ObjectInfo",
    "ObjectMissingError",
    "ObjectTooLargeError",
    "RefusedError",
    "Request",
    "Response",
    "RetryPolicy",
    "S3Client",
    "S3Error",
    "S3Object",
    "TransientError",
    "Upload",
    "bucket_address",
    "connect_bucket",
    "make_error",
    "parse_address",
    "send_with_retries",
    "shared_connections",
    "sign_request",
]
