"""HEAD, GET, PUT and DELETE of the objects in one bucket, and its listing."""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from lambda_runtime import Deadline, read_ca_file, read_credentials, read_endpoint_url
from sigv4 import Credentials, Scope, Signable, encode_query, payload_hash

from s3_http.addresses import bucket_address
from s3_http.connections import ConnectionPool, Request, Response, shared_connections, sign_request
from s3_http.errors import AccessDeniedError, ObjectChangedError, ObjectMissingError, RefusedError
from s3_http.objects import (
    ObjectInfo,
    S3Object,
    Upload,
    checksum_header,
    parse_info,
    precondition_headers,
    upload_headers,
)
from s3_http.retries import make_error, send_with_retries

if TYPE_CHECKING:
    from s3_http.listing import ListedObject, ListedPage

MAX_DELETED_OBJECTS = 1_000
"""Limit of S3 for the keys in a DeleteObjects request."""
# 1,000 keys of 1,024 bytes, each three characters when URL-encoded, and as much for the other elements.
_MAX_PAGE_BYTES = 8_000_000


class _Call(NamedTuple):
    """A request before signing. Without a key it concerns the bucket."""

    method: str
    key: str
    query: str = ""
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes | None = None
    expected: ObjectInfo | None = None

    @property
    def name(self) -> str:
        """Method and key, for error messages."""
        return f"{self.method} {self.key}"


class S3Client:
    """A client for one bucket. Every call ends at the deadline of the client.

    A call is retried after transient errors by the retry policy of the connections, which outlive the client.
    The exceptions are those of `s3_http.errors`.

    Args:
        connections: connections to the address of the bucket.
        credentials: the credentials to sign requests with.
        region: Region of the bucket, such as `eu-west-1`.
        deadline: time limit of all calls together.
    """

    def __init__(
        self, connections: ConnectionPool, *, credentials: Credentials, region: str, deadline: Deadline
    ) -> None:
        self._connections = connections
        self._credentials = credentials
        self._scope = Scope(region=region, service="s3")
        self._deadline = deadline

    def within(self, seconds: float) -> "S3Client":
        """Return a client of the bucket whose calls end after this time, or at the deadline of this one."""
        return S3Client(
            self._connections,
            credentials=self._credentials,
            region=self._scope.region,
            deadline=self._deadline.no_later_than(seconds),
        )

    def head(self, key: str) -> ObjectInfo:
        """Return the metadata of an object (HEAD).

        Raises:
            ObjectMissingError: the key has no object, or the caller may not read it.
            RefusedError: S3 rejects the request permanently.
            TransientError: the retries are used up, or the deadline has passed.
        """
        return parse_info(self._read(_Call("HEAD", key)).headers)

    def get(self, key: str, *, max_bytes: int, expected: ObjectInfo | None = None) -> S3Object:
        """Return an object with its bytes (GET).

        Args:
            key: key of the object.
            max_bytes: limit for the size of the object.
            expected: the object that `head` returned; any other object is an error (If-Match).

        Raises:
            ObjectChangedError: the key has another object than the expected one.
            ObjectTooLargeError: the object has more than `max_bytes`.
            ObjectMissingError, RefusedError, TransientError: as for `head`.
        """
        # The caller has checked the size of the expected object, so S3 must not return another one.
        headers = {"if-match": f'"{expected.etag}"'} if expected else {}
        response = self._read(_Call("GET", key, headers=headers, expected=expected), max_bytes)
        return S3Object(info=parse_info(response.headers), data=response.body)

    def get_start(self, key: str, length: int) -> S3Object | None:
        """Return an object with its first `length` bytes, or with all bytes of a shorter object.

        The result is None for an empty object, of which S3 returns no range (416).

        Raises:
            ObjectMissingError, RefusedError, TransientError: as for `head`.
        """
        call = _Call("GET", key, headers={"range": f"bytes=0-{length - 1}"})
        response = self._send(call, max_bytes=length)
        if response.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return None
        _raise_unless(HTTPStatus.PARTIAL_CONTENT, response, call)
        return S3Object(info=parse_info(response.headers), data=response.body)

    def put(self, key: str, upload: Upload, *, replacing: ObjectInfo | None) -> str:
        """Store an object (PUT) if the key still has the object that `head` returned; return the new ETag.

        Args:
            key: key of the object.
            upload: the object.
            replacing: the object that `head` returned. None: the key had no object.

        Raises:
            ObjectChangedError: the key has another object than `replacing`, or none.
            AccessDeniedError: the caller may not write the object.
            RefusedError, TransientError: as for `head`.
        """
        return self._put(key, upload, precondition_headers(replacing))

    def overwrite(self, key: str, upload: Upload) -> None:
        """Store an object (PUT), whatever object the key has.

        Raises:
            AccessDeniedError: the caller may not write the object.
            RefusedError, TransientError: as for `head`.
        """
        self._put(key, upload, {})

    def _put(self, key: str, upload: Upload, conditions: Mapping[str, str]) -> str:
        call = _Call("PUT", key, headers={**upload_headers(upload), **conditions}, body=upload.data)
        response = self._send(call)
        # If-Match for a key whose object was deleted gives 404 (S3 user guide, "Conditional writes").
        deleted = response.status == HTTPStatus.NOT_FOUND and response.error_code == "NoSuchKey"
        if response.status == HTTPStatus.PRECONDITION_FAILED or deleted:
            raise make_error(ObjectChangedError, call.name, response)
        if response.status == HTTPStatus.FORBIDDEN:
            raise make_error(AccessDeniedError, call.name, response)
        if response.status != HTTPStatus.OK:
            raise make_error(RefusedError, call.name, response)
        return response.headers["etag"].strip('"')

    def delete(self, key: str, *, expected: ObjectInfo | None = None) -> None:
        """Delete an object (DELETE). A missing object is not an error.

        Args:
            key: key of the object.
            expected: the object that `head` returned; any other object stays (If-Match).

        Raises:
            ObjectChangedError: the key has another object than the expected one.
            AccessDeniedError: the caller may not delete the object.
            RefusedError, TransientError: as for `head`.
        """
        headers = {"if-match": f'"{expected.etag}"'} if expected else {}
        call = _Call("DELETE", key, headers=headers)
        response = self._send(call)
        if response.status == HTTPStatus.PRECONDITION_FAILED:
            raise make_error(ObjectChangedError, call.name, response)
        if response.status == HTTPStatus.FORBIDDEN:
            raise make_error(AccessDeniedError, call.name, response)
        if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND):
            raise make_error(RefusedError, call.name, response)

    def delete_objects(self, keys: Sequence[str]) -> None:
        """Delete any number of objects, 1,000 in a request (DeleteObjects). A missing object is not an error.

        Raises:
            RefusedError: as for `head`.
            TransientError: as for `head`, or a single object could not be deleted. S3 reports such failures,
                permanent ones too, in a response with status 200.
        """
        from s3_http.listing import deletion_document, is_xml  # noqa: PLC0415 - most functions list nothing

        in_documents = [key for key in keys if is_xml(key)]
        for start in range(0, len(in_documents), MAX_DELETED_OBJECTS):
            body = deletion_document(in_documents[start : start + MAX_DELETED_OBJECTS])
            call = _Call("POST", "", query="delete=", headers=checksum_header(body), body=body)
            response = self._send(call)
            if response.status != HTTPStatus.OK:
                raise make_error(RefusedError, "DeleteObjects", response)
        for key in keys:
            if not is_xml(key):
                self.delete(key)

    def list_objects(self, prefix: str, *, delimiter: str = "") -> "Iterator[ListedObject]":
        """Return all objects whose keys begin with a prefix, in the order of their keys (ListObjectsV2).

        Args:
            prefix: first characters of the keys.
            delimiter: objects whose key has this text after the prefix are omitted. Empty: no object is.

        Raises:
            RefusedError, TransientError: as for `head`, while iterating.
        """
        token: str | None = ""
        while token is not None:
            page = self.list_page(prefix, delimiter=delimiter, token=token)
            yield from page.objects
            token = page.next_token

    def list_page(self, prefix: str, *, delimiter: str = "", token: str = "") -> "ListedPage":
        """Return one page of `list_objects`: the first one, or the one with the token of the page before."""
        from s3_http.listing import parse_page  # noqa: PLC0415 - as in delete_objects

        optional = {"delimiter": delimiter, "continuation-token": token}
        query = {"list-type": "2", "encoding-type": "url", "prefix": prefix}
        query |= {name: value for name, value in optional.items() if value}
        call = _Call("GET", "", query=encode_query(query.items()))
        response = self._send(call, _MAX_PAGE_BYTES)
        if response.status != HTTPStatus.OK:
            raise make_error(RefusedError, f"ListObjectsV2 {prefix}", response)
        return parse_page(response.body)

    def _read(self, call: _Call, max_bytes: int = 0) -> Response:
        response = self._send(call, max_bytes)
        _raise_unless(HTTPStatus.OK, response, call)
        return response

    def _send(self, call: _Call, max_bytes: int = 0) -> Response:
        return send_with_retries(
            self._connections,
            # Each attempt is signed again: S3 rejects signatures that are more than 15 minutes old.
            lambda: self._sign(call),
            name=call.name,
            max_bytes=max_bytes,
            deadline=self._deadline,
        )

    def _sign(self, call: _Call) -> Request:
        address = self._connections.address
        signable = Signable(
            method=call.method,
            host=address.host_header,
            path=address.path(call.key),
            query=call.query,
            headers=call.headers,
            payload_hash=payload_hash(call.body or b""),
        )
        request = sign_request(signable, credentials=self._credentials, scope=self._scope, body=call.body)
        return request._replace(expected=call.expected, names_object=call.key != "")


def connect_bucket(bucket: str, region: str, environment: Mapping[str, str], deadline: Deadline) -> S3Client:
    """Return a client for a bucket, with connections that all invocations of a sandbox share.

    Args:
        bucket: name of the bucket.
        region: Region of the bucket, such as `eu-west-1`.
        environment: environment of a Lambda function: credentials, and for tests a server in place of S3.
        deadline: time limit of all calls together.

    Raises:
        AddressError: the URL of the server in place of S3 is invalid.
        KeyError: the environment has no credentials.
        OSError: the file with the CAs of that server cannot be read.
    """
    address = bucket_address(bucket, region=region, endpoint_url=read_endpoint_url(environment, "S3"))
    return S3Client(
        shared_connections(address, read_ca_file(environment)),
        credentials=read_credentials(environment),
        region=region,
        deadline=deadline,
    )


def _raise_unless(status: HTTPStatus, response: Response, call: _Call) -> None:
    """Raise the error for the response to a HEAD or GET, unless the response has this status."""
    if response.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        raise make_error(ObjectMissingError, call.name, response)
    if response.status == HTTPStatus.PRECONDITION_FAILED:
        raise make_error(ObjectChangedError, call.name, response)
    if response.status != status:
        raise make_error(RefusedError, call.name, response)
