"""CloudFront's copies of a replaced derivative: the function purge gets a message, and never without need."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from s3_trigger import derive
from s3_trigger.errors import RecordsFailedError
from s3_trigger.handler import s3_client
from s3_trigger.plan import is_stale
from s3_trigger.store import Headers, ObjectInfo

from tests.functions.s3_trigger.conftest import Trigger, make_image
from tests.libs.s3_http.fault_proxy import Handler, pass_through, status

NAME = "ä/a b.png"
KEY = f"source-folder/{NAME}"
MESSAGE = ("Derivative Replaced", "s3_trigger", KEY)
OLD, NEW = make_image("red"), make_image("blue")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _fast_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes take no time, however busy the machine is."""
    monkeypatch.setattr(derive, "monotonic", lambda: 0.0)


@pytest.fixture
def replaced(trigger: Trigger) -> dict[str, object]:
    """The record of an original that replaces one with a derivative."""
    trigger.handle(trigger.upload(KEY, OLD))
    assert trigger.queue.read() == []
    return trigger.upload(KEY, NEW)


def test_a_replaced_derivative_is_announced_before_the_write(
    trigger: Trigger, replaced: dict[str, object]
) -> None:
    trigger.proxy.requests.clear()
    assert trigger.handle(replaced) == {KEY: "made"}
    assert [each for each in trigger.proxy.methods() if each != "HEAD"] == ["GET", "POST", "PUT"]
    [message] = [each.body for each in trigger.proxy.requests if each.method == "POST"]
    assert json.loads(message)["DelaySeconds"] == 1
    assert trigger.queue.read() == [MESSAGE]


@pytest.mark.parametrize("name", ["PURGE_QUEUE_URL", None])
def test_nothing_is_announced_without_purge(
    trigger: Trigger, replaced: dict[str, object], monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    if name:
        monkeypatch.delenv(name)
    trigger.handle(replaced)
    assert trigger.queue.read() == ([] if name else [MESSAGE])


@pytest.mark.parametrize(
    ("name", "value"), [("WIDTH", "50"), ("QUALITY", "50"), ("CACHE_CONTROL", "public, max-age=5")]
)
def test_changed_settings_spend_no_path_for_each_image(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    trigger.handle(trigger.upload(KEY, OLD))
    monkeypatch.setenv(name, value)
    assert trigger.batch(KEY)["resultString"] == "made"
    assert trigger.queue.read() == []


def test_another_default_cache_control_spends_no_path_for_each_image(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for control in ("public, max-age=5", "public, max-age=6"):
        monkeypatch.setenv("CACHE_CONTROL", control)
        trigger.handle(
            trigger.upload(KEY, OLD) if control.endswith("5") else trigger.record(trigger.source, KEY)
        )
        assert trigger.read_object(NAME)["CacheControl"] == control
    assert trigger.queue.read() == []


def test_other_headers_of_the_same_image(trigger: Trigger) -> None:
    trigger.handle(trigger.upload(KEY, OLD))
    assert trigger.handle(trigger.upload(KEY, OLD, CacheControl="no-store")) == {KEY: "made"}
    assert trigger.queue.read() == [MESSAGE]


@pytest.mark.parametrize(
    ("seconds", "expected"), [(1.0, [MESSAGE, MESSAGE]), (0.9, [MESSAGE])], ids=["slow", "fast"]
)
@pytest.mark.parametrize("fails", [False, True])
def test_a_write_that_ends_after_the_delivery_is_announced_again(  # noqa: PLR0913, PLR0917 - fixtures
    trigger: Trigger,
    replaced: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    expected: list[object],
    fails: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    monkeypatch.setattr(derive, "monotonic", iter([0.0, seconds]).__next__)
    if fails:
        trigger.proxy.inject(status(403, error="AccessDenied"), method="PUT")
        with pytest.raises(RecordsFailedError, match="AccessDenied"):
            trigger.handle(replaced)
    else:
        trigger.handle(replaced)
    assert trigger.queue.read() == expected


@pytest.mark.parametrize("event", ["before-call", "after-call"])
def test_an_invocation_that_ends_before_or_after_the_write(
    trigger: Trigger, replaced: dict[str, object], event: str
) -> None:
    class KilledError(BaseException):
        """The process ends here."""

    def kill(**_: object) -> None:
        raise KilledError

    s3_client().meta.events.register_first(f"{event}.s3.PutObject", kill)
    with pytest.raises(KilledError):
        trigger.handle(replaced)
    s3_client().meta.events.unregister(f"{event}.s3.PutObject", kill)
    assert trigger.queue.read() == [MESSAGE]

    is_written = event == "after-call"
    assert trigger.handle(replaced) == {KEY: "current" if is_written else "made"}
    assert trigger.queue.read() == ([] if is_written else [MESSAGE])


def test_another_original_during_the_transform(trigger: Trigger, replaced: dict[str, object]) -> None:
    """The derivative of the older one is not stored."""
    writes = trigger.writes()

    def upload(handler: Handler) -> None:
        trigger.upload(KEY, make_image("lime"))
        pass_through(handler)

    trigger.proxy.inject(pass_through, method="HEAD", path=trigger.source, times=1)
    trigger.proxy.inject(upload, method="HEAD", path=trigger.source, times=1)
    assert trigger.handle(replaced) == {KEY: "made"}
    assert trigger.writes() - writes == 1
    assert trigger.queue.read() == [MESSAGE]


@pytest.mark.parametrize("is_first", [True, False])
def test_an_original_that_is_deleted_during_the_write(trigger: Trigger, *, is_first: bool) -> None:
    """Purge, which may have processed the deletion before the write, deletes the derivative."""
    if not is_first:
        trigger.handle(trigger.upload(KEY, OLD))
    record = trigger.upload(KEY, NEW)

    def delete(handler: Handler) -> None:
        trigger.s3.delete_object(Bucket=trigger.source, Key=KEY)
        pass_through(handler)

    trigger.proxy.inject(delete, method="PUT", path=trigger.destination, times=1)
    assert trigger.handle(record) == {KEY: "gone"}
    assert trigger.queue.read() == [MESSAGE] * (1 if is_first else 2)


def test_a_late_event_of_a_deleted_original(trigger: Trigger) -> None:
    trigger.upload(NAME, b"manual", manual=True)
    assert trigger.handle(trigger.record(trigger.source, KEY)) == {KEY: "gone"}
    assert trigger.queue.read() == []


@pytest.mark.parametrize(
    ("code", "result"), [(403, "PermanentFailure"), (400, "PermanentFailure"), (500, "TemporaryFailure")]
)
def test_a_message_that_sqs_refuses(
    trigger: Trigger, replaced: dict[str, object], code: int, result: str
) -> None:
    """Without the message the old derivative stays, so that the retry of the event sends one."""
    trigger.proxy.inject(status(code), method="POST")
    with pytest.raises(RecordsFailedError, match="SendMessage"):
        trigger.handle(replaced)
    assert trigger.batch(KEY)["resultCode"] == result
    assert trigger.colour(NAME) == (255, 0, 0)

    trigger.proxy.rules.clear()
    assert trigger.handle(replaced) == {KEY: "made"}
    assert trigger.queue.read() == [MESSAGE]


def test_a_manual_upload_in_place_of_a_derivative(trigger: Trigger) -> None:
    trigger.handle(trigger.upload(KEY, OLD))
    manual = trigger.upload(NAME, b"manual", manual=True)
    assert [trigger.handle(manual)[NAME] for _ in range(2)] == ["restored", "current"]
    assert trigger.queue.read() == [MESSAGE]


def test_a_manual_upload_without_an_original(trigger: Trigger) -> None:
    manual = trigger.upload(NAME, b"manual", manual=True)
    assert trigger.handle(manual) == {NAME: "no original"}
    assert trigger.queue.read() == []


INFO = ObjectInfo("", NOON, 1, Headers(), {"source-etag": "a"})
DEFAULT = {"source-etag": "a", "settings": "v1 30x30 cover q80 default-cache-control"}
ORIGINAL = INFO._replace(etag='"a"', metadata={})


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (INFO, False),
        (INFO._replace(last_modified=NOON + SECOND), False),
        (INFO._replace(metadata={"source-etag": "a", "settings": "older"}), False),
        (INFO._replace(last_modified=NOON - SECOND), True),
        (INFO._replace(metadata={"source-etag": "b"}), True),
        (INFO._replace(metadata={}), True),
        (INFO._replace(headers=Headers(cache_control="no-store")), True),
        (INFO._replace(headers=Headers(cache_control="public, max-age=5"), metadata=DEFAULT), False),
    ],
)
def test_staleness(stored: ObjectInfo, *, expected: bool) -> None:
    assert is_stale(stored, ORIGINAL) is expected
