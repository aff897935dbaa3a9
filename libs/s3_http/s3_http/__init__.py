"""HEAD, GET and PUT of S3 objects: kept-alive connections, one deadline, few retries, typed errors."""

from s3_http.addresses import Address, bucket_address
from s3_http.client import S3Client
from s3_http.connections import ConnectionPool, Reply, Request
from s3_http.errors import (
    AccessDeniedError,
    AddressError,
    ObjectChangedError,
    ObjectMissingError,
    ObjectTooLargeError,
    PassingFaultError,
    RefusedError,
    S3Error,
)
from s3_http.objects import ObjectInfo, StoredObject, Upload
from s3_http.patience import Patience
from s3_http.retries import error_of, exchange_patiently
from s3_http.trust import tls_context

__all__ = [
    "AccessDeniedError",
    "Address",
    "AddressError",
    "ConnectionPool",
    "ObjectChangedError",
    "ObjectInfo",
    "ObjectMissingError",
    "ObjectTooLargeError",
    "PassingFaultError",
    "Patience",
    "RefusedError",
    "Reply",
    "Request",
    "S3Client",
    "S3Error",
    "StoredObject",
    "Upload",
    "bucket_address",
    "error_of",
    "exchange_patiently",
    "tls_context",
]
