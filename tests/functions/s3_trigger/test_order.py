"""Duplicate, late, reordered and simultaneous events end with the derivative of the newest version."""

import itertools
import threading
from collections.abc import Callable, Sequence

import pytest
from s3_trigger.errors import RecordsFailedError
from s3_trigger.handler import s3_client

from tests.functions.s3_trigger.conftest import Trigger, picture
from tests.libs.s3_http.fault_proxy import Fault, Handler, close, pass_through, status

KEY = "source-folder/a.png"
COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_versions_in_every_order(trigger: Trigger, order: Sequence[int]) -> None:
    records = [trigger.upload(KEY, picture(colour)) for colour in COLOURS]

    outcomes = [trigger.handle(records[number])[KEY] for number in (*order, *order)]

    assert trigger.colour("a.png") == COLOURS["blue"]
    assert outcomes == ["made", *["current"] * 5]
    assert trigger.writes() == 1


@pytest.mark.parametrize("late", range(3))
def test_events_between_the_uploads(trigger: Trigger, late: int) -> None:
    records = []
    for colour, rgb in COLOURS.items():
        records.append(trigger.upload(KEY, picture(colour)))
        trigger.handle(records[-1])
        assert trigger.colour("a.png") == rgb
    trigger.handle(records[late])
    assert trigger.colour("a.png") == COLOURS["blue"]
    assert trigger.writes() == 3


def test_the_same_bytes_with_another_size(trigger: Trigger) -> None:
    trigger.handle(trigger.upload(KEY, picture(), Metadata={"width": "50"}))
    record = trigger.upload(KEY, picture(), Metadata={"width": "60"})
    assert trigger.handle(record) == {KEY: "made"}
    assert trigger.derivative("a.png").size == (60, 300)


@pytest.mark.parametrize(("name", "value"), [("WIDTH", "50"), ("FIT", "inside"), ("QUALITY", "50")])
def test_other_settings_make_it_anew(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    record = trigger.upload(KEY, picture())
    trigger.handle(record)
    monkeypatch.setenv(name, value)
    assert trigger.handle(record) == {KEY: "made"}


def meanwhile(trigger: Trigger, happening: Callable[[], object], *, method: str, path: str) -> None:
    """Let something happen right before the first request of this kind reaches S3."""

    def fault(handler: Handler) -> None:
        happening()
        pass_through(handler)

    trigger.proxy.inject(fault, method=method, path=path, times=1)


@pytest.mark.parametrize("before", [(), ("red",), ("blue",)])
@pytest.mark.parametrize(("method", "bucket"), [("HEAD", 0), ("HEAD", 1), ("GET", 0), ("PUT", 1)])
def test_a_newer_version_at_any_moment(
    trigger: Trigger, before: Sequence[str], method: str, bucket: int
) -> None:
    """The newer version is uploaded and its own event handled before one of the calls for the older one."""
    for colour in before:
        trigger.handle(trigger.upload(KEY, picture(colour)))
    older = trigger.upload(KEY, picture("lime"))

    def newer() -> None:
        assert trigger.handle(trigger.upload(KEY, picture("blue"))) == {KEY: "made"}

    path = (trigger.source, trigger.destination)[bucket]
    meanwhile(trigger, newer, method=method, path=path)

    trigger.handle(older)

    assert trigger.colour("a.png") == COLOURS["blue"]
    assert trigger.stored("a.png")["Metadata"]["source-etag"] == trigger.stored(KEY, source=True)[
        "ETag"
    ].strip('"')


@pytest.mark.parametrize("before", [(), ("red",)])
@pytest.mark.parametrize(("method", "bucket"), [("HEAD", 1), ("GET", 0), ("PUT", 1)])
def test_a_newer_version_whose_event_comes_too_late_or_never(
    trigger: Trigger, before: Sequence[str], method: str, bucket: int
) -> None:
    for colour in before:
        trigger.handle(trigger.upload(KEY, picture(colour)))
    older = trigger.upload(KEY, picture("lime"))
    path = (trigger.source, trigger.destination)[bucket]
    meanwhile(trigger, lambda: trigger.upload(KEY, picture("blue")), method=method, path=path)

    assert trigger.handle(older) == {KEY: "made"}

    assert trigger.colour("a.png") == COLOURS["blue"]


@pytest.mark.parametrize(("method", "bucket"), [("HEAD", 0), ("HEAD", 1), ("GET", 0)])
def test_deleted_at_any_moment(trigger: Trigger, method: str, bucket: int) -> None:
    record = trigger.upload(KEY, picture())
    path = (trigger.source, trigger.destination)[bucket]
    meanwhile(
        trigger, lambda: trigger.s3.delete_object(Bucket=trigger.source, Key=KEY), method=method, path=path
    )
    assert trigger.handle(record) == {KEY: "gone"}
    assert not trigger.keys()


def test_the_old_derivative_deleted_while_the_new_one_is_made(trigger: Trigger) -> None:
    trigger.handle(trigger.upload(KEY, picture("red")))
    record = trigger.upload(KEY, picture("blue"))
    meanwhile(
        trigger,
        lambda: trigger.s3.delete_object(Bucket=trigger.destination, Key="a.png"),
        method="PUT",
        path=trigger.destination,
    )
    assert trigger.handle(record) == {KEY: "made"}
    assert trigger.colour("a.png") == COLOURS["blue"]


def test_an_upload_by_hand_while_the_derivative_is_made(trigger: Trigger) -> None:
    record = trigger.upload(KEY, picture())
    meanwhile(
        trigger,
        lambda: trigger.upload("a.png", b"mine", by_hand=True),
        method="PUT",
        path=trigger.destination,
    )
    assert trigger.handle(record) == {KEY: "kept"}
    assert trigger.stored("a.png")["Body"].read() == b"mine"


def test_the_same_picture_again_while_an_older_one_is_made(trigger: Trigger) -> None:
    """Two originals with one derivative: its ETag does not tell that it was written again meanwhile."""
    first, third = picture("red"), picture("red", size=(300, 300))
    trigger.handle(trigger.upload(KEY, first))
    second = trigger.upload(KEY, picture("blue"))

    def newest() -> None:
        trigger.handle(trigger.upload(KEY, third))

    meanwhile(trigger, newest, method="PUT", path=trigger.destination)
    trigger.handle(second)

    assert trigger.colour("a.png") == COLOURS["red"]
    assert trigger.stored("a.png")["Metadata"]["source-etag"] == trigger.stored(KEY, source=True)[
        "ETag"
    ].strip('"')


def test_replaced_all_the_time(trigger: Trigger) -> None:
    record = trigger.upload(KEY, picture())
    sizes = itertools.count(10)

    def replaced(handler: Handler) -> None:
        trigger.upload(KEY, picture(size=(next(sizes), 10)))
        pass_through(handler)

    trigger.proxy.inject(replaced, method="PUT", path=trigger.destination)
    with pytest.raises(RecordsFailedError, match="replaced 5 times"):
        trigger.handle(record)


def test_many_at_the_same_time(trigger: Trigger) -> None:
    record = trigger.upload(KEY, picture("blue"))
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


CALLS = [("HEAD", 0), ("HEAD", 1), ("GET", 0), ("PUT", 1)]
FAULTS = {"500": status(500), "slow": status(503, error="SlowDown"), "closed": close}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize(("method", "bucket"), CALLS)
def test_s3_fails_once_at_any_call(trigger: Trigger, method: str, bucket: int, fault: Fault) -> None:
    record = trigger.upload(KEY, picture("blue"))
    trigger.proxy.inject(fault, method=method, path=(trigger.source, trigger.destination)[bucket], times=1)
    assert trigger.handle(record)[KEY] in {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


@pytest.mark.parametrize("fault", [*FAULTS.values(), status(403, error="AccessDenied")], ids=[*FAULTS, "403"])
@pytest.mark.parametrize(("method", "bucket"), CALLS)
def test_s3_fails_at_any_call_until_the_event_is_tried_again(
    trigger: Trigger, method: str, bucket: int, fault: Fault
) -> None:
    record, other = (
        trigger.upload(KEY, picture("blue")),
        trigger.upload("source-folder/b.png", picture("red")),
    )
    path = (f"{trigger.source}/{KEY}", f"{trigger.destination}/a.png")[bucket]
    trigger.proxy.inject(fault, method=method, path=path)

    with pytest.raises(RecordsFailedError, match=f"1 of 2 .*{KEY}: (Head|Get|Put)Object"):
        trigger.handle(record, other)
    assert trigger.keys() == {"b.png"}

    trigger.proxy.rules.clear()
    assert trigger.handle(record, other) == {KEY: "made", "source-folder/b.png": "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


@pytest.mark.parametrize(("method", "calls"), [("HEAD", 2), ("HEAD", 4), ("PUT", 1)])
def test_killed_after_the_derivative_was_written_or_before(trigger: Trigger, method: str, calls: int) -> None:
    record, seen = trigger.upload(KEY, picture("blue")), itertools.count(1)

    class KilledError(BaseException):
        """The process ends here."""

    def kill(**_: object) -> None:
        if next(seen) == calls:
            raise KilledError

    s3_client().meta.events.register_first(f"before-call.s3.{method.title()}Object", kill)
    with pytest.raises(KilledError):
        trigger.handle(record)

    assert trigger.keys() <= {"a.png"}
    assert trigger.handle(record)[KEY] in {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


def test_an_answer_to_a_write_that_is_lost(trigger: Trigger) -> None:
    record = trigger.upload(KEY, picture("blue"))

    def lost(handler: Handler) -> None:
        handler.forward()
        handler.hang_up()

    trigger.proxy.inject(lost, method="PUT", path=trigger.destination, times=1)
    assert trigger.handle(record)[KEY] in {"made", "current"}
    assert trigger.colour("a.png") == COLOURS["blue"]


def test_a_bucket_that_is_missing_is_no_missing_object(
    trigger: Trigger, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = trigger.upload(KEY, picture())
    monkeypatch.setenv("DESTINATION_BUCKET", "nobody-has-this-one")
    with pytest.raises(RecordsFailedError, match="NoSuchBucket"):
        trigger.handle(record)
