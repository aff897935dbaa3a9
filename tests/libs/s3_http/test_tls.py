"""TLS: the root CAs, host names, and timeouts."""

import hashlib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lambda_runtime import Deadline
from s3_http import (
    ConnectionPool,
    RetryPolicy,
    S3Client,
    TransientError,
    Upload,
    bucket_address,
)
from s3_http.tls import tls_context
from sigv4 import Credentials

# SHA-256 of the subject public key information, from https://www.amazontrust.com/repository/.
PUBLISHED = {
    "Amazon Root CA 1": "fbe3018031f9586bcbf41727e417b7d1c45c2f47f93be372a17b96b50757d5a2",
    "Amazon Root CA 2": "7f4296fc5b6a4e3b35d3c369623e364ab1af381d8fa7121533c9d6c633ea2461",
    "Amazon Root CA 3": "36abc32656acfc645c61b71613c4bf21c787f5cabbee48348d58597803d7abc9",
    "Amazon Root CA 4": "f7ecded5c66047d28ed6466b543c40e0743abe81d109254dcf845d4c2c7853c5",
    "Starfield Services Root Certificate Authority - G2": (
        "2b071c59a0a0ae76b0eadb2bad23bad4580b69c3601b630c2eaf0613afa83f92"
    ),
}


def test_the_roots_are_those_that_amazon_publishes() -> None:
    roots = tls_context().get_ca_certs(binary_form=True)
    assert sorted(hashlib.sha256(_public_key(root)).hexdigest() for root in roots) == sorted(
        PUBLISHED.values()
    )


def _public_key(certificate: bytes) -> bytes:
    """Return the subject public key information of a DER certificate (RFC 5280, section 4.1).

    `cryptography` cannot load Starfield's root, because its serial number is 0.
    """
    start, _ = _content(certificate, 0)
    position, _ = _content(certificate, start)
    for _ in ("version", "serial number", "signature", "issuer", "validity", "subject"):
        _, position = _content(certificate, position)
    _, end = _content(certificate, position)
    return certificate[position:end]


def _content(der: bytes, position: int) -> tuple[int, int]:
    """Return the start and the end of the content of the element at a position."""
    length, start = der[position + 1], position + 2
    if length & 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(der[start : start + octets]), start + octets
    return start, start + length


# An upload of 16 MB takes three seconds, most of it after the buffers on the way are full.
_CHUNK_BYTES = 131_072
_CHUNK_SECONDS = 0.05
_UPLOAD = Upload(
    data=bytes(128 * _CHUNK_BYTES), content_type="image/bmp", cache_control="public", metadata={}
)


@dataclass(frozen=True)
class TlsServer:
    port: int
    ca_file: Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    """An HTTPS server with one object and a self-signed certificate for localhost."""
    ca_file = tmp_path_factory.mktemp("tls") / "ca.pem"
    key_file = ca_file.with_name("key.pem")
    _write_certificate(ca_file, key_file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca_file, key_file)
    http_server = _QuietServer(("127.0.0.1", 0), _OneObject)
    http_server.socket = context.wrap_socket(http_server.socket, server_side=True)
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield TlsServer(http_server.server_address[1], ca_file)
    http_server.shutdown()
    http_server.server_close()
    thread.join()


def test_a_ca_file(server: TlsServer) -> None:
    pool = _pool(f"https://localhost:{server.port}", str(server.ca_file))
    client = _client(pool)
    assert client.head("cat.jpg").etag == "abc"
    assert client.get("cat.jpg", max_bytes=500_000).data == _OneObject.data
    pool.close()


def test_a_slow_upload_is_not_a_timeout(server: TlsServer) -> None:
    """With TLS, one timeout would apply to the whole of a single write."""
    address = bucket_address("b", region="eu-west-1", endpoint_url=f"https://localhost:{server.port}")
    pool = ConnectionPool(address, str(server.ca_file), RetryPolicy(read_timeout_seconds=1.5, attempts=1))
    _client(pool).put("cat.bmp", _UPLOAD, replacing=None)
    pool.close()


@pytest.mark.parametrize(
    ("host", "known_ca"),
    [("localhost", False), ("127.0.0.1", True)],
    ids=["unknown authority", "another host name"],
)
def test_an_invalid_certificate_is_refused(server: TlsServer, host: str, known_ca: bool) -> None:  # noqa: FBT001 - a column of the table
    ca_file = str(server.ca_file) if known_ca else None
    with pytest.raises(TransientError, match="CERTIFICATE_VERIFY_FAILED"):
        _client(_pool(f"https://{host}:{server.port}", ca_file)).head("cat.jpg")


def test_a_server_without_tls() -> None:
    http_server = _QuietServer(("127.0.0.1", 0), _OneObject)
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with pytest.raises(TransientError):
        _client(_pool(f"https://localhost:{http_server.server_address[1]}")).head("cat.jpg")
    http_server.shutdown()
    http_server.server_close()
    thread.join()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Print no traceback: clients close the connection when the certificate is invalid."""


class _OneObject(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    data = bytes(range(256)) * 1000

    def do_PUT(self) -> None:
        """Read the first half of the body at a few megabytes a second."""
        chunks = int(self.headers["Content-Length"]) // _CHUNK_BYTES
        for chunk in range(chunks):
            self.rfile.read(_CHUNK_BYTES)
            if chunk < chunks // 2:  # some of the rest lies in buffers when the client begins to wait
                time.sleep(_CHUNK_SECONDS)
        self.send_response_only(200)
        self.send_header("Content-Length", "0")
        self.send_header("ETag", '"abc"')
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(self.data)))
        self.send_header("ETag", '"abc"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(self.data)

    do_HEAD = do_GET  # noqa: N815 - the name http.server asks for


def _pool(url: str, ca_file: str | None = None) -> ConnectionPool:
    return ConnectionPool(bucket_address("b", region="eu-west-1", endpoint_url=url), ca_file)


def _client(pool: ConnectionPool) -> S3Client:
    return S3Client(
        pool,
        credentials=Credentials(access_key_id="a", secret_access_key="b"),  # noqa: S106 - the server checks none
        region="eu-west-1",
        deadline=Deadline.after(30),
    )


def _write_certificate(ca_file: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
