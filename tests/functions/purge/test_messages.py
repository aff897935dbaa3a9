"""Messages about changed originals."""

import json
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from lambda_runtime import SettingsError
from purge.errors import EventError
from purge.handler import lambda_handler
from purge.settings import read_settings

from tests.functions.context import LambdaContext
from tests.functions.purge.conftest import Derivatives, Purge, list_keys, message
from tests.libs.derivatives.conftest import Put
from tests.libs.s3_http import fault_proxy as faults
from tests.libs.s3_http.fault_proxy import FaultProxy

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

type Invalidated = Callable[[], list[list[str]]]
SUCCESS: dict[str, Any] = {"batchItemFailures": []}


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the log."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("environment")
class TestRegionalResize:
    def test_a_replaced_original(
        self,
        put: Put,
        derivatives: Derivatives,
        send: Purge,
        invalidated: Invalidated,
    ) -> None:
        derivatives.put("a/IMG_5F1.jpg/v4_clean", put("a/IMG_1.jpg", b"old"))
        current = put("a/IMG_1.jpg", b"new")
        derivatives.put("a/IMG_5F1.jpg/v4_w640_q80", current)
        derivatives.put("a/IMG_5F1.jpg/b.jpg/v4_clean", "of another original")
        assert send("a/IMG_1.jpg") == SUCCESS
        assert derivatives.keys() == ["a/IMG_5F1.jpg/b.jpg/v4_clean", "a/IMG_5F1.jpg/v4_w640_q80"]
        assert invalidated() == [["/a/IMG_1.jpg*", "/a/IMG_5F1.jpg*"]]
        # A late or doubled event finds nothing to do.
        assert send("a/IMG_1.jpg") == SUCCESS
        assert len(invalidated()) == 1

    @pytest.mark.parametrize(
        ("is_stale", "more", "paths", "is_repeated"),
        [
            (True, {}, 1, True),
            (False, {}, 0, False),
            (False, {"receive_count": 2}, 1, True),
            (False, {"kind": "Derivative Replaced"}, 1, True),
            (False, {"kind": "Derivative Uncertain"}, 0, False),
            (True, {"kind": "Derivative Uncertain"}, 1, True),
            (False, {"kind": "Derivative Uncertain", "receive_count": 2}, 1, True),
            (False, {"kind": "Invalidation Repeated"}, 1, False),
            (False, {"kind": "Invalidation Repeated", "receive_count": 2}, 1, False),
            (True, {"kind": "Invalidation Repeated"}, 1, True),
        ],
    )
    def test_an_invalidation_is_repeated_once(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        derivatives: Derivatives,
        send: Purge,
        invalidated: Invalidated,
        proxy: FaultProxy,
        bucket: str,
        more: dict[str, Any],
        paths: int,
        *,
        is_stale: bool,
        is_repeated: bool,
    ) -> None:
        if is_stale:
            derivatives.put("a.jpg/v4_clean")
        assert send("a.jpg", **more) == SUCCESS
        assert len(invalidated()) == paths
        sent = [json.loads(each.body) for each in proxy.requests if b"QueueUrl" in each.body]
        assert [one["DelaySeconds"] for one in sent] == [60] * is_repeated
        event = {
            "detail-type": "Invalidation Repeated",
            "source": "regional_resize",
            "detail": {"bucket": {"name": bucket}, "object": {"key": "a.jpg"}},
        }
        assert [json.loads(one["MessageBody"]) for one in sent] == [event] * is_repeated

    def test_repetitions_are_sent_at_the_same_time(
        self, derivatives: Derivatives, send: Purge, proxy: FaultProxy
    ) -> None:
        """The time of an invocation would not suffice for 1,000 in succession."""
        keys = ["a.jpg", "b.jpg"]
        bodies: set[bytes] = set()
        both = threading.Event()

        def wait_for_the_other(handler: faults.Handler) -> None:
            if b"QueueUrl" in handler.body:
                bodies.add(handler.body)
                if len(bodies) == len(keys):
                    both.set()
                if not both.wait(timeout=30):
                    faults.status(403)(handler)
                    return
            faults.pass_through(handler)

        for key in keys:
            derivatives.put(f"{key}/v3_clean")
        proxy.inject(wait_for_the_other, method="POST")
        assert send(*keys) == SUCCESS

    @pytest.mark.parametrize(
        ("more", "invalidations"),
        [
            ({"kind": "Object Created"}, 1),
            ({"kind": "Derivative Replaced"}, 1),
            ({"kind": "Derivative Replaced", "source": "s3_trigger"}, 0),
            ({"kind": "Invalidation Repeated"}, 1),
        ],
    )
    def test_a_message_of_a_function_concerns_its_variant_only(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        send: Purge,
        monkeypatch: pytest.MonkeyPatch,
        distribution: str,
        invalidated: Invalidated,
        more: dict[str, Any],
        invalidations: int,
    ) -> None:
        """A copy of edge_resize or object_lambda is invalidated by the events of its original."""
        both = {"regional_resize": distribution, "object_lambda": distribution}
        monkeypatch.setenv("DISTRIBUTIONS", json.dumps(both))
        assert send("a.jpg", **more) == SUCCESS
        assert len(invalidated()) == invalidations

    def test_a_repetition_that_cannot_be_sent(
        self, derivatives: Derivatives, send: Purge, proxy: FaultProxy, invalidated: Invalidated
    ) -> None:
        derivatives.put("a.jpg/v4_clean")
        refuse = faults.status(403)

        def refuse_messages(handler: faults.Handler) -> None:
            (refuse if b"QueueUrl" in handler.body else faults.pass_through)(handler)

        proxy.inject(refuse_messages, method="POST", times=3)
        assert send("a.jpg") == {"batchItemFailures": [{"itemIdentifier": "a.jpg"}]}
        assert send("a.jpg", receive_count=2) == SUCCESS
        assert invalidated()

    def test_a_deleted_original(
        self,
        derivatives: Derivatives,
        send: Purge,
        invalidated: Invalidated,
    ) -> None:
        derivatives.put("a.jpg/v4_clean")
        assert send("a.jpg") == SUCCESS
        assert derivatives.keys() == []
        assert invalidated() == [["/a.jpg*"]]

    def test_the_log(self, derivatives: Derivatives, send: Purge, capsys: pytest.CaptureFixture[str]) -> None:
        derivatives.put("a_20b.jpg/v4_clean")
        send("a b.jpg")
        purged, invalidation = lines(capsys)
        assert (purged["outcome"], purged["key"], purged["deleted"]) == ("purged", "a b.jpg", 1)
        assert (invalidation["outcome"], invalidation["path_count"]) == ("invalidated", 2)
        assert (invalidation["level"], invalidation["variant"]) == ("INFO", "regional_resize")

    def test_a_new_original_costs_no_path(self, put: Put, send: Purge, invalidated: Invalidated) -> None:
        put("a.jpg")
        assert send("a.jpg") == SUCCESS
        assert invalidated() == []

    def test_a_failed_invalidation_is_repeated(
        self, derivatives: Derivatives, send: Purge, proxy: FaultProxy, invalidated: Invalidated
    ) -> None:
        derivatives.put("a.jpg/v4_clean")
        proxy.inject(
            faults.status(400, error="TooManyInvalidationsInProgress"), path="/distribution/", times=1
        )
        assert send("a.jpg", "new.jpg") == {"batchItemFailures": [{"itemIdentifier": "a.jpg"}]}
        assert invalidated() == []
        assert send("a.jpg", receive_count=2) == SUCCESS
        assert invalidated() == [["/a.jpg*"]]

    def test_a_failed_deletion_is_repeated(
        self,
        derivatives: Derivatives,
        send: Purge,
        proxy: FaultProxy,
        invalidated: Invalidated,
    ) -> None:
        derivatives.put("a.jpg/v4_clean")
        derivatives.put("b.jpg/v4_clean")
        proxy.inject(faults.status(403), path="prefix=a.jpg", times=1)
        assert send("a.jpg", "b.jpg") == {"batchItemFailures": [{"itemIdentifier": "a.jpg"}]}
        assert derivatives.keys() == ["a.jpg/v4_clean"]
        assert invalidated() == [["/b.jpg*"]]

    def test_an_original_that_cannot_be_read_keeps_its_derivatives(
        self,
        derivatives: Derivatives,
        send: Purge,
        proxy: FaultProxy,
    ) -> None:
        derivatives.put("a.jpg/v4_clean")
        proxy.inject(faults.status(403), method="HEAD")
        assert send("a.jpg") == {"batchItemFailures": [{"itemIdentifier": "a.jpg"}]}
        assert derivatives.keys() == ["a.jpg/v4_clean"]

    def test_many_originals_are_one_invalidation(
        self, derivatives: Derivatives, send: Purge, invalidated: Invalidated
    ) -> None:
        keys = [f"shop/{number}.jpg" for number in range(20)]
        for key in keys:
            derivatives.put(f"{key}/v4_clean")
        assert send(*keys, *keys) == SUCCESS
        assert invalidated() == [["/shop/*"]]

    def test_deletions_have_no_budget(
        self,
        derivatives: Derivatives,
        send: Purge,
        monkeypatch: pytest.MonkeyPatch,
        invalidated: Invalidated,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("MAX_MONTHLY_PATHS", "1")
        for key in ["a.jpg", "b.jpg"]:
            derivatives.put(f"{key}/v4_clean")
            assert send(key) == SUCCESS
        assert (derivatives.keys(), invalidated()) == ([], [["/a.jpg*"]])
        capped = lines(capsys)[-1]
        assert (capped["outcome"], capped["level"], capped["variant"]) == (
            "capped",
            "WARNING",
            "regional_resize",
        )
        assert (capped["paths"], capped["path_count"]) == (["/b.jpg*"], 1)


class TestOtherVariants:
    @pytest.fixture(autouse=True)
    def _variant(
        self, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, distribution: str
    ) -> None:
        assert environment
        monkeypatch.delenv("DERIVATIVES_BUCKET_NAME")
        monkeypatch.setenv("DISTRIBUTIONS", json.dumps({"edge_resize": distribution}))
        monkeypatch.setenv("RESIZED_PATH", "resized")

    def test_edge_resize(
        self, put: Put, send: Purge, s3: "S3Client", bucket: str, invalidated: Invalidated
    ) -> None:
        put("resized/a b.jpg/v4_clean", source_etag="1")
        put("resized/a b.jpg/v4_w640_q80", source_etag=put("a b.jpg"))
        assert send("a b.jpg") == SUCCESS
        assert list_keys(s3, bucket) == ["a b.jpg", "resized/a b.jpg/v4_w640_q80"]
        assert invalidated() == [["/a%20b.jpg*"]]

    def test_derivatives_are_no_originals(self, send: Purge, invalidated: Invalidated) -> None:
        assert send("resized/a.jpg/v4_clean", ".edge-images/404.txt") == SUCCESS
        assert invalidated() == []

    def test_samples_of_the_doctor_are_originals(self, send: Purge, invalidated: Invalidated) -> None:
        assert send(".edge-images/doctor/1/sample.jpg") == SUCCESS
        assert invalidated() == [["/.edge-images/doctor/1/sample.jpg*"]]

    @pytest.fixture
    def _only_object_lambda(self, monkeypatch: pytest.MonkeyPatch, distribution: str) -> None:
        monkeypatch.setenv("DISTRIBUTIONS", json.dumps({"object_lambda": distribution}))

    @pytest.mark.usefixtures("_only_object_lambda")
    def test_derivatives_of_edge_resize_are_no_originals_of_another_variant(
        self, put: Put, send: Purge, s3: "S3Client", bucket: str, invalidated: Invalidated
    ) -> None:
        put("resized/a.jpg/v4_clean", source_etag="1")
        assert send("resized/a.jpg/v4_clean") == SUCCESS
        assert invalidated() == []
        # The role may not delete the derivatives of a variant that is not purged.
        assert send("a.jpg") == SUCCESS
        assert "resized/a.jpg/v4_clean" in list_keys(s3, bucket)
        assert invalidated() == [["/a.jpg*"]]

    def test_object_lambda(
        self,
        send: Purge,
        invalidated: Invalidated,
        proxy: FaultProxy,
        distribution: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.delenv("RESIZED_PATH")
        monkeypatch.setenv("DISTRIBUTIONS", json.dumps({"object_lambda": distribution}))
        assert send("a.jpg") == SUCCESS
        assert invalidated() == [["/a.jpg*"]]
        assert proxy.methods() == ["GET", "PUT", "POST"]  # the counter and the invalidation


class TestS3Trigger:
    @pytest.fixture(autouse=True)
    def destination(
        self,
        environment: dict[str, str],
        monkeypatch: pytest.MonkeyPatch,
        distribution: str,
        derivatives_bucket: str,
    ) -> str:
        """The destination bucket."""
        assert environment
        monkeypatch.delenv("DERIVATIVES_BUCKET_NAME")
        monkeypatch.setenv("DISTRIBUTIONS", json.dumps({"s3_trigger": distribution}))
        monkeypatch.setenv("DESTINATION_BUCKET", derivatives_bucket)
        monkeypatch.setenv("SOURCE_PREFIX", "source/")
        monkeypatch.setenv("RESTORE_PREFIX", "source/restored/")
        return derivatives_bucket

    @pytest.mark.parametrize(
        ("key", "uploaded", "metadata", "is_deleted"),
        [
            ("source/a/b.jpg", False, {"resized": "true"}, True),
            ("source/a/b.jpg", True, {"resized": "true"}, False),
            ("source/a/b.jpg", False, {}, False),  # a manual upload
            ("a/b.jpg", False, {"resized": "true"}, False),
            ("source/restored/b.jpg", False, {"resized": "true"}, False),
        ],
    )
    def test_a_deleted_original(  # noqa: PLR0913, PLR0917 - fixtures
        self,
        put: Put,
        send: Purge,
        s3: "S3Client",
        destination: str,
        invalidated: Invalidated,
        key: str,
        metadata: dict[str, str],
        *,
        uploaded: bool,
        is_deleted: bool,
    ) -> None:
        derivative = key.removeprefix("source/")
        s3.put_object(Bucket=destination, Key=derivative, Body=b"d", Metadata=metadata)
        if uploaded:
            put(key)
        assert send(key) == SUCCESS
        assert list_keys(s3, destination) == ([] if is_deleted else [derivative])
        assert invalidated() == ([["/a/b.jpg*"]] if is_deleted else [])
        # A doubled event finds nothing to do.
        assert send(key) == SUCCESS
        assert len(invalidated()) == is_deleted

    @pytest.mark.parametrize("key", ["source/a/b.jpg", "source/resized/b.jpg", "source/.edge-images/b.jpg"])
    def test_a_replaced_derivative(self, put: Put, send: Purge, invalidated: Invalidated, key: str) -> None:
        put(key)
        assert send(key, kind="Derivative Replaced", source="s3_trigger") == SUCCESS
        assert invalidated() == [[f"/{key.removeprefix('source/')}*"]]

    def test_another_object_costs_no_path(self, send: Purge, invalidated: Invalidated) -> None:
        assert send("other/a.jpg", receive_count=2) == SUCCESS
        assert invalidated() == []

    def test_a_manual_upload_at_the_last_moment(
        self, send: Purge, s3: "S3Client", destination: str, proxy: FaultProxy, invalidated: Invalidated
    ) -> None:
        s3.put_object(Bucket=destination, Key="a.jpg", Body=b"d", Metadata={"resized": "true"})

        def upload(handler: faults.Handler) -> None:
            s3.put_object(Bucket=destination, Key="a.jpg", Body=b"by hand")
            faults.pass_through(handler)

        proxy.inject(upload, method="DELETE", times=1)
        assert send("source/a.jpg") == SUCCESS
        assert list_keys(s3, destination) == ["a.jpg"]
        assert invalidated() == []


@pytest.mark.parametrize("change", [{"body": "{}"}, {"body": "no"}, {"attributes": {}}, {"messageId": None}])
def test_an_invalid_message_fails_alone(
    environment: dict[str, str], change: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    records = [message(environment["BUCKET_NAME"], "a.jpg", name) for name in ["valid", "invalid"]]
    records[1] |= change
    if change.get("messageId", "") is None:
        del records[1]["messageId"]
    expected = records[1].get("messageId", "")
    failures = lambda_handler({"Records": records}, LambdaContext())["batchItemFailures"]
    assert failures == [{"itemIdentifier": expected}]
    assert sorted(line["outcome"] for line in lines(capsys)) == ["failed", "purged"]


def test_a_message_about_another_bucket_fails(environment: dict[str, str]) -> None:
    assert environment
    event = {"Records": [message("other", "a.jpg", "1")]}
    assert lambda_handler(event, LambdaContext()) == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("event", [{}, [], None, {"Records": 1}, {"source": "aws.events"}])
def test_another_event_is_an_error(event: Any) -> None:
    with pytest.raises(EventError):
        lambda_handler(event, LambdaContext())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUCKET_NAME", "No"),
        ("DERIVATIVES_BUCKET_NAME", ""),
        ("RESIZED_PATH", "/resized"),
        ("DISTRIBUTIONS", "[]"),
        ("DISTRIBUTIONS", '{"other": "E1"}'),
        ("DISTRIBUTIONS", '{"edge_resize": 1}'),
        ("DISTRIBUTIONS", "{"),
        ("MAX_MONTHLY_PATHS", "many"),
        ("DESTINATION_BUCKET", ""),
        ("PURGE_QUEUE_URL", ""),
        ("SOURCE_PREFIX", "/"),
        ("RESTORE_PREFIX", ""),
    ],
)
@pytest.mark.usefixtures("environment")
def test_invalid_settings(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        lambda_handler({}, LambdaContext())


@pytest.mark.parametrize("name", ["BUCKET_NAME", "DISTRIBUTIONS", "MAX_MONTHLY_PATHS", "PURGE_QUEUE_URL"])
@pytest.mark.usefixtures("environment")
def test_missing_settings(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=name):
        lambda_handler({}, LambdaContext())


def test_a_distribution_of_each_variant(environment: dict[str, str]) -> None:
    variants = ["edge_resize", "object_lambda", "regional_resize", "s3_trigger"]
    distributions = dict.fromkeys(variants, "E1")
    settings = read_settings(
        {**environment, "DESTINATION_BUCKET": "images", "DISTRIBUTIONS": json.dumps(distributions)}
    )
    assert settings.distributions == distributions


@pytest.mark.parametrize(
    ("variant", "name"),
    [("regional_resize", "DERIVATIVES_BUCKET_NAME"), ("s3_trigger", "DESTINATION_BUCKET")],
)
@pytest.mark.usefixtures("environment")
def test_a_variant_without_its_bucket(monkeypatch: pytest.MonkeyPatch, variant: str, name: str) -> None:
    monkeypatch.delenv("DERIVATIVES_BUCKET_NAME")
    monkeypatch.setenv("DISTRIBUTIONS", json.dumps({variant: "E1"}))
    with pytest.raises(SettingsError, match=f"{name} must be set, because DISTRIBUTIONS has {variant}"):
        lambda_handler({"Records": []}, LambdaContext())
