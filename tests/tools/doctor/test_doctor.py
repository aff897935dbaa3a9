"""`invoke doctor` against an edge with one fault at a time. The test of the local stack has no faults."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from botocore.exceptions import ClientError
from PIL import Image

from tests.tools.erase.conftest import Account, make_account, moto_address
from tools.console import ToolError
from tools.deployment import Deployment
from tools.doctor.doctor import examine
from tools.erase.outputs import Outputs

__all__ = ["make_account", "moto_address"]


@dataclass
class Response:
    """A response of the edge."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class FakeEdge(ThreadingHTTPServer):
    """A distribution of edge_resize or regional_resize in front of the originals in moto.

    Attributes:
        account: account with the buckets.
        fault: changes each response: takes path, query and response.
        ignores_invalidations: keep cached responses for ever.
        ignores_uploads: keep cached responses after an upload.
        renames_length: send another length with a HEAD.
    """

    daemon_threads = True

    def __init__(self, account: Account) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.account = account
        self.fault: Callable[[str, str, Response], Response] = lambda _path, _query, response: response
        self.ignores_invalidations = False
        self.renames_length = False
        self.ignores_uploads = False
        self._cache: dict[str, Response] = {}
        account.deployment.cloudfront.meta.events.register(
            "after-call.cloudfront.CreateInvalidation", self._clear
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def respond(self, target: str) -> Response:
        cached = target in self._cache
        if not cached:
            self._cache[target] = self._make(unquote(urlsplit(target).path[1:]), urlsplit(target).query)
        response = self._cache[target]
        headers = {"X-Cache": f"{'Hit' if cached else 'Miss'} from cloudfront", **response.headers}
        return self.fault(
            unquote(urlsplit(target).path), urlsplit(target).query, replace(response, headers=headers)
        )

    def _make(self, key: str, query: str) -> Response:
        s3, bucket = self.account.s3, self.account.buckets[0]
        if "banana" in query:
            return Response(400)
        if "height" in query:
            return Response(403)
        try:
            data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except s3.exceptions.NoSuchKey:
            return Response(404)
        image = Image.open(io.BytesIO(data))
        image.thumbnail((64, 1000))
        buffer = io.BytesIO()
        image.save(buffer, format="WEBP")
        headers = {
            "Content-Type": "image/webp",
            "Cache-Control": "public, max-age=86400",
            "Vary": "Accept",
        }
        return Response(200, buffer.getvalue(), headers)

    def purge(self, **_: object) -> None:
        """Forget cached responses after an upload."""
        if not self.ignores_uploads:
            self._cache.clear()

    def _clear(self, **_: object) -> None:
        if not self.ignores_invalidations:
            self._cache.clear()


class _Request(BaseHTTPRequestHandler):
    server: FakeEdge

    def do_GET(self) -> None:
        response = self.server.respond(self.path)
        self.send_response(response.status)
        length = 1 if self.command == "HEAD" and self.server.renames_length else len(response.body)
        for name, value in {"Content-Length": str(length), **response.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(response.body)

    do_HEAD = do_GET  # noqa: N815  # the name in the base class

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name in the base class
        """Print nothing."""


@dataclass
class Case:
    """A deployment of one variant behind a fake edge."""

    edge: FakeEdge
    deployment: Deployment[Outputs]
    account: Account

    def examine(self) -> None:
        examine(self.deployment)


@pytest.fixture
def case(make_account: Callable[..., Account]) -> Iterator[Case]:
    account = make_account(versioned=True)
    # moto has no authorization.
    forbid(account)
    with FakeEdge(account) as edge:
        Thread(target=edge.serve_forever, args=(0.05,), daemon=True).start()
        outputs = account.deployment.outputs
        deployment = replace(
            account.deployment,
            outputs=replace(outputs, distributions=outputs.distributions[:1], signed_urls="unlisted"),
            edge_urls={"edge_resize": edge.url},
        )
        vars(deployment).update(s3=account.s3, cloudfront=account.deployment.cloudfront)
        yield Case(edge, deployment, account)
        edge.shutdown()


def forbid(account: Account) -> None:
    """Refuse unsigned lists."""

    def refuse(http_response: Any, parsed: Any, **_: object) -> None:
        http_response.status_code = 403
        parsed["Error"] = {"Code": "AccessDenied", "Message": "Access Denied"}
        parsed.setdefault("ResponseMetadata", {})["HTTPStatusCode"] = 403

    account.deployment.session.events.register("after-call.s3.ListObjectsV2", refuse)


def test_a_sound_deployment(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.examine()
    report = capsys.readouterr().out
    assert report.count("  ok      ") == 11
    assert "All 11 checks succeeded." in report
    assert case.account.list_keys() == set()


def change(status: int = 0, body: bytes | None = None, **headers: str) -> Callable[..., Response]:
    """Return a fault of all responses with an image."""

    def fault(_path: str, _query: str, response: Response) -> Response:
        if response.status != 200:
            return response
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Response(
            status or response.status, response.body if body is None else body, response.headers | named
        )

    return fault


def make_jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (10, 10)).save(buffer, format="JPEG")
    return buffer.getvalue()


def make_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "doctor"
    buffer = io.BytesIO()
    Image.new("RGB", (64, 32)).save(buffer, format="WEBP", exif=exif)
    return buffer.getvalue()


def on(part: str, status: int) -> Callable[..., Response]:
    """Return a fault of the URLs with a text in the path or in the query."""
    return lambda path, query, response: Response(status) if part in f"{path}?{query}" else response


def find_failures(case: Case, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the lines of the checks that fail."""
    with pytest.raises(ToolError, match=r"[0-9]+ of [0-9]+ checks failed\."):
        case.examine()
    return "\n".join(line for line in capsys.readouterr().out.splitlines() if "FAILED" in line)


@pytest.mark.parametrize(
    ("fault", "lines"),
    [
        (change(403), "requested size and format: the status is 403 .*existing_bucket_policy"),
        (change(503, b"<Message>Slow.</Message>"), r"format: the status is 503 \(Slow\.\): .*logs"),
        (change(429, b"<Message>Slow.</Message>"), "format: the status is 429 .*: .*reserved concurrency"),
        (change(302), "format: the status is 302 .*cannot read or write the bucket"),
        (change(body=b"no image"), "format: the body of 8 bytes is not an image .*invokew logs"),
        (change(body=make_jpeg()), "format: the image is JPEG 10x10, not WEBP of 96x48 at a width of 64"),
        (on("a b+ä@%25.jpg", 403), "space, plus, percent and accent works: the status is 403"),
        (change(x_amz_meta_doctor="1"), "metadata stays in the bucket: the response has x-amz-meta-doctor"),
        (change(body=make_exif()), "metadata stays in the bucket: the image has the EXIF"),
        (change(Cache_Control="no-store"), "may cache the image: Cache-Control is no-store"),
        (change(Vary="Origin"), "may cache the image: format=auto has no Vary: Accept"),
        (change(Content_Type="text/plain"), "may cache the image: format=auto has the type text/plain"),
        (change(X_Cache="Miss from cloudfront"), "is a hit in CloudFront: X-Cache is Miss, Miss, Miss"),
        (on("missing.jpg", 403), "missing image is 404: the status is 403: grant the function s3:ListBucket"),
        (on("missing.jpg", 500), "missing image is 404: the status is 500: ./invokew logs"),
        (on("banana", 200), "invalid URL is 400: width=banana has the status 200: .*viewer-request"),
        (on("height=64", 200), "without its signature is 403: the status is 200: run ./invokew down and"),
    ],
)
def test_a_fault_of_responses(
    case: Case, capsys: pytest.CaptureFixture[str], fault: Callable[..., Response], lines: str
) -> None:
    case.edge.fault = fault
    assert re.search(lines, find_failures(case, capsys))
    assert case.account.list_keys() == set()


@pytest.mark.parametrize(
    ("configuration", "commands"),
    [
        (None, {"./invokew logs", "./invokew apply", "./invokew purge '*'"}),
        (
            "my infra:images.staging",
            {
                "./invokew logs --configuration 'my infra:images.staging'",
                "terraform -chdir='my infra' apply",
                "./invokew purge '*' --configuration 'my infra:images.staging'",
            },
        ),
    ],
)
def test_commands_for_the_examined_deployment(
    case: Case, capsys: pytest.CaptureFixture[str], configuration: str | None, commands: set[str]
) -> None:
    case.edge.ignores_invalidations = True
    case.edge.fault = lambda path, query, response: on("missing.jpg", 500)(
        path, query, on("height=64", 200)(path, query, response)
    )
    deployment = replace(case.deployment, configuration=configuration, endpoint_url=None)
    vars(deployment).update(s3=case.account.s3, cloudfront=case.account.deployment.cloudfront)
    found = find_failures(replace(case, deployment=deployment), capsys)
    assert {
        command for command in commands if re.search(rf"{re.escape(command)}([ :,.]|$)", found)
    } == commands


def test_an_invalidation_without_effect(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.edge.ignores_invalidations = True
    found = find_failures(case, capsys)
    assert "new after the invalidation: the image is still the old one (X-Cache Hit): run ./inv" in found


@pytest.fixture
def purged(case: Case, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A deployment whose uploads invalidate the copies."""
    monkeypatch.setattr("tools.doctor.checks._PURGE_SECONDS", 0)
    outputs = replace(case.deployment.outputs, purged_variants=frozenset({"edge_resize"}))
    deployment = replace(case.deployment, outputs=outputs)
    vars(deployment).update(s3=case.account.s3, cloudfront=case.account.deployment.cloudfront)
    case.account.s3.meta.events.register("after-call.s3.PutObject", case.edge.purge)
    return replace(case, deployment=deployment)


def test_a_purge(purged: Case, capsys: pytest.CaptureFixture[str]) -> None:
    purged.examine()
    assert "  ok      a replaced image is new without a command" in capsys.readouterr().out


def test_a_purge_without_effect(purged: Case, capsys: pytest.CaptureFixture[str]) -> None:
    purged.edge.ignores_uploads = True
    found = find_failures(purged, capsys)
    assert "new without a command: the image is still the old one 0 s after the upload: after the" in found
    assert "wait five minutes" in found
    assert "after the invalidation" not in found
    assert purged.account.list_keys() == set()


def test_a_head_with_another_length(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.edge.renames_length = True
    assert "HEAD has the length of GET: Content-Length is 1, not " in find_failures(case, capsys)


def test_a_public_bucket(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.account.deployment.session.events.register_last(
        "after-call.s3.ListObjectsV2", lambda http_response, **_: setattr(http_response, "status_code", 200)
    )
    assert "is not public: an unsigned list has the status 200: enable S3 Block" in find_failures(
        case, capsys
    )


def test_no_edge(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    case.edge.server_close()
    case.edge.shutdown()
    found = find_failures(case, capsys)
    assert found.count("no response from 127.0.0.1") == 4
    assert case.account.list_keys() == set()


def test_a_missing_permission(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    """An error of AWS is a line as well, and the samples are deleted."""

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "CreateInvalidation")

    case.account.deployment.cloudfront.meta.events.register(
        "before-call.cloudfront.CreateInvalidation", refuse
    )
    found = find_failures(case, capsys)
    assert "The credentials do not allow that (CreateInvalidation: AccessDenied no): grant" in found
    assert case.account.list_keys() == set()


def test_signatures_without_a_secret(case: Case) -> None:
    outputs = replace(case.deployment.outputs, signed_urls="all")
    with pytest.raises(ToolError, match="put the secret of the key main into SIGNING_SECRET"):
        examine(replace(case.deployment, outputs=outputs))


def test_without_an_image_the_checks_that_need_one_are_skipped(
    case: Case, capsys: pytest.CaptureFixture[str]
) -> None:
    case.edge.fault = change(503)
    with pytest.raises(ToolError, match=r"1 of 5 checks failed\."):
        case.examine()
    assert capsys.readouterr().out.count("  skipped ") == 6
