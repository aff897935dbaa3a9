"""Duplicate, late, reordered and concurrent events: the derivative of the newest version remains."""

import itertools
import threading
from collections.abc import Callable, Sequence

import pytest
from s3_trigger.errors import RecordsFailedError
from s3_trigger.handler import s3_client

from tests.functions.s3_trigger.conftest import Trigger, make_image
from tests.libs.s3_http.fault_proxy import Fault, Handler, close, pass_through, status

KEY = "source-folder/a.png"
COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_versions_in_every_order(trigger: Trigger, order: Sequence[int]) -> None:
    records = [trigger.upload(KEY, make_image(colour)) for colour in COLOURS]

    outcomes = [trigger.handle(records[number])[KEY] for number in (*order, *order)]

    assert trigger.colour("a.png") == COLOURS["blue"]
    assert outcomes == ["made", *["current"] * 5]
    assert trigger.writes() == 1


@pytest.mark.parametrize("late", range(3))
def test_events_between_the_uploads(trigger: Trigger, late: int) -> None:
    records = []
    for colour, rgb in COLOURS.items():
        records.append(trigger.upload(KEY, make_image(colour)))
        trigger.handle(records[-1])
        assert trigger.colour("a.png") == rgb
    trigger.handle(records[late])
    assert trigger.colour("a.png") == COLOURS["blue"]
    assert trigger.writes() == 3


def test_the_same_bytes_with_another_size(trigger: Trigger) -> None:
    trigger.handle(trigger.upload(KEY, make_image(), Metadata={"width": "50"}))
    record = trigger.upload(KEY, make_image(), Metadata={"width": "60"})
    assert trigger.handle(record) == {KEY: "made"}
    assert trigger.derivative("a.png").size == (60, 300)


@pytest.mark.parametrize(("name", "value"), [("WIDTH", "50"), ("FIT", "inside"), ("QUALITY", "50")])
def test_changed_settings_replace_the_derivative(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    record = trigger.upload(KEY, make_image())
    trigger.handle(record)
    monkeypatch.setenv(name, value)
    assert trigger.handle(record) == {KEY: "made"}


def run_before(trigger: Trigger, action: Callable[[], object], *, method: str, path: str) -> None:
    """Run an action right before the first request with this method and path reaches S3."""

    def fault(handler: Handler) -> None:
        action()
        pass_through(handler)

    trigger.proxy.inject(fault, method=method, path=path, times=1)


@pytest.mark.parametrize("before", [(), ("red",), ("blue",)])
@pytest.mark.parametrize(("method", "bucket"), [("HEAD", 0), ("HEAD", 1), ("GET", 0), ("PUT", 1)])
def test_a_newer_version_with_its_event_at_any_moment(
    trigger: Trigger, before: Sequence[str], method: str, bucket: int
) -> None:
    """The newer version is uploaded and processed before one of the requests for the older version."""
    for colour in before:
        trigger.handle(trigger.upload(KEY, make_image(colour)))
    older = trigger.upload(KEY, make_image("lime"))

    def newer() -> None:
        assert trigger.handle(trigger.upload(KEY, make_image("blue"))) == {KEY: "made"}

    path = (trigger.source, trigger.destination)[bucket]
    run_before(trigger, newer, method=method, path=path)

    trigger.handle(older)

    assert trigger.colour("a.png") == COLOURS["blue"]
    assert trigger.read_object("a.png")["Metadata"]["source-etag"] == trigger.read_object(KEY, source=True)[
        "ETag"
    ].strip('"')


@pytest.mark.parametrize("before", [(), ("red",)])
@pytest.mark.parametrize(("method", "bucket"), [("HEAD", 1), ("GET", 0), ("PUT", 1)])
def test_a_newer_version_without_its_event_at_any_moment(
    trigger: Trigger, before: Sequence[str], method: str, bucket: int
) -> None:
    for colour in before:
        trigger.handle(trigger.upload(KEY, make_image(colour)))
    older = trigger.upload(KEY, make_image("lime"))
    path = (trigger.source, trigger.destination)[bucket]
    run_before(trigger, lambda: trigger.upload(KEY, make_image("blue")), method=method, path=path)

    assert trigger.handle(older) == {KEY: "made"}

    assert trigger.colour("a.png") == COLOURS["blue"]


@pytest.mark.parametrize(("method", "bucket"), [("HEAD", 0), ("HEAD", 1), ("GET", 0)])
def test_the_original_is_deleted_at_any_moment(trigger: Trigger, method: str, bucket: int) -> None:
    record = trigger.upload(KEY, make_image())
    path = (trigger.source, trigger.destination)[bucket]
    run_before(
        trigger, lambda: trigger.s3.delete_object(Bucket=trigger.source, Key=KEY), method=method, path=path
    )
    assert trigger.handle(record) == {KEY: "gone"}
    assert not trigger.keys()


def test_the_old_derivative_is_deleted_during_the_transform(trigger: Trigger) -> None:
    trigger.handle(trigger.upload(KEY, make_image("red")))
    record = trigger.upload(KEY, make_image("blue"))
    run_before(
        trigger,
        lambda: trigger.s3.delete_object(Bucket=trigger.destination, Key="a.png"),
        method="PUT",
        path=trigger.destination,
    )
    assert trigger.handle(record) == {KEY: "made"}
    assert trigger.colour("a.png") == COLOURS["blue"]


def test_a_manual_upload_during_the_transform_is_kept(trigger: Trigger) -> None:
    record = trigger.upload(KEY, make_image())
    run_before(
        trigger,
        lambda: trigger.upload("a.png", b"manual", manual=True),
        method="PUT",
        path=trigger.destination,
    )
    assert trigger.handle(record) == {KEY: "kept"}
    assert trigger.read_object("a.png")["Body"].read() == b"manual"


def test_a_return_to_the_first_original_during_the_transform_of_the_second(trigger: Trigger) -> None:
    """Two originals have the same derivative, so an ETag does not reveal the write in between."""
    first, third = make_image("red"), make_image("red", size=(300, 300))
    trigger.handle(trigger.upload(KEY, first))
    second = trigger.upload(KEY, make_image("blue"))

    def newest() -> None:
        trigger.handle(trigger.upload(KEY, third))

    run_before(trigger, newest, method="PUT", path=trigger.destination)
    trigger.handle(second)

    assert trigger.colour("a.png") == COLOURS["red"]
    assert trigger.read_object("a.png")["Metadata"]["source-etag"] == trigger.read_object(KEY, source=True)[
        "ETag"
    ].strip('"')


def test_an_original_replaced_in_every_round(trigger: Trigger) -> None:
    record = trigger.upload(KEY, make_image())
    sizes = itertools.count(10)

    def replace(handler: Handler) -> None:
        trigger.upload(KEY, make_image(size=(next(sizes), 10)))
        pass_through(handler)

    trigger.proxy.inject(replace, method="PUT", path=trigger.destination)
    with pytest.raises(RecordsFailedError, match="replaced 5 times"):
        trigger.handle(record)


def test_six_concurrent_invocations(trigger: Trigger) -> None:
    record = trigger.upload(KEY, make_image("blue"))
    outcomes: list[str] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(trigger.handle(record)[KEY])) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 6
    assert set(outcomes) <= {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


REQUESTS = [("HEAD", 0), ("HEAD", 1), ("GET", 0), ("PUT", 1)]
FAULTS = {"500": status(500), "slow": status(503, error="SlowDown"), "closed": close}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(("method", "bucket"), REQUESTS)
def test_s3_fails_once_at_any_request(trigger: Trigger, method: str, bucket: int, fault: Fault) -> None:
    record = trigger.upload(KEY, make_image("blue"))
    trigger.proxy.inject(fault, method=method, path=(trigger.source, trigger.destination)[bucket], times=1)
    assert trigger.handle(record)[KEY] in {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


@pytest.mark.parametrize("fault", [*FAULTS.values(), status(403, error="AccessDenied")], ids=[*FAULTS, "403"])
@pytest.mark.parametrize(("method", "bucket"), REQUESTS)
def test_s3_fails_at_any_request_until_the_retry_of_the_event(
    trigger: Trigger, method: str, bucket: int, fault: Fault
) -> None:
    record, other = (
        trigger.upload(KEY, make_image("blue")),
        trigger.upload("source-folder/b.png", make_image("red")),
    )
    path = (f"{trigger.source}/{KEY}", f"{trigger.destination}/a.png")[bucket]
    trigger.proxy.inject(fault, method=method, path=path)

    with pytest.raises(RecordsFailedError, match=f"1 of 2 .*{KEY}: (Head|Get|Put)Object") as raised:
        trigger.handle(record, other)
    assert trigger.keys() == {"b.png"}
    assert (": 403" in str(raised.value)) == (fault not in FAULTS.values())
    assert ("denies access" in str(raised.value)) == (fault not in FAULTS.values())

    trigger.proxy.rules.clear()
    assert trigger.handle(record, other) == {KEY: "made", "source-folder/b.png": "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


@pytest.mark.parametrize(("method", "calls"), [("HEAD", 2), ("HEAD", 4), ("PUT", 1)])
def test_a_process_killed_before_or_after_the_write(trigger: Trigger, method: str, calls: int) -> None:
    record, requests = trigger.upload(KEY, make_image("blue")), itertools.count(1)

    class KilledError(BaseException):
        """The process ends here."""

    def kill(**_: object) -> None:
        if next(requests) == calls:
            raise KilledError

    s3_client().meta.events.register_first(f"before-call.s3.{method.title()}Object", kill)
    with pytest.raises(KilledError):
        trigger.handle(record)

    assert trigger.keys() <= {"a.png"}
    assert trigger.handle(record)[KEY] in {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


def test_a_lost_response_to_a_write(trigger: Trigger) -> None:
    record = trigger.upload(KEY, make_image("blue"))

    def lose_response(handler: Handler) -> None:
        handler.forward()
        handler.hang_up()

    trigger.proxy.inject(lose_response, method="PUT", path=trigger.destination, times=1)
    assert trigger.handle(record)[KEY] in {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


def test_a_missing_bucket_is_an_error(trigger: Trigger, monkeypatch: pytest.MonkeyPatch) -> None:
    record = trigger.upload(KEY, make_image())
    monkeypatch.setenv("DESTINATION_BUCKET", "missing-bucket")
    with pytest.raises(RecordsFailedError, match="NoSuchBucket"):
        trigger.handle(record)
