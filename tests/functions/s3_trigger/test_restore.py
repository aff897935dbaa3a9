"""An upload by hand into the destination brings back the original; derivatives do not."""

import pytest
from s3_trigger.handler import s3_client

from tests.functions.s3_trigger.conftest import Trigger, picture
from tests.libs.s3_http.fault_proxy import status


def test_a_derivative_is_left_alone(trigger: Trigger) -> None:
    trigger.handle(trigger.upload("source-folder/a.png", picture()))
    assert trigger.handle(trigger.record(trigger.destination, "a.png")) == {"a.png": "marked"}
    assert trigger.keys(source=True) == {"source-folder/a.png"}


@pytest.mark.parametrize("name", ["a.png", "folder/two words + ü.png"])
def test_a_manual_upload_restores_the_original(trigger: Trigger, name: str) -> None:
    trigger.handle(
        trigger.upload(
            f"source-folder/{name}", picture("red"), Metadata={"width": "9"}, ContentType="image/png"
        )
    )
    by_hand = trigger.upload(name, b"mine", by_hand=True)

    assert trigger.handle(by_hand) == {name: "restored"}

    restored = trigger.stored(f"restore-folder/{name}", source=True)
    assert restored["Body"].read() == picture("red")
    assert (restored["Metadata"], restored["ContentType"]) == ({"width": "9"}, "image/png")
    assert trigger.stored(name)["Body"].read() == b"mine"


def test_an_error_document_in_a_200_is_no_copy(trigger: Trigger) -> None:
    """S3 has sent the status line of CopyObject already when the error occurs."""
    trigger.handle(trigger.upload("source-folder/a.png", picture()))
    record = trigger.upload("a.png", b"mine", by_hand=True)
    trigger.proxy.inject(status(200, error="InternalError"), method="PUT", times=1)
    assert trigger.handle(record) == {"a.png": "restored"}
    assert "restore-folder/a.png" in trigger.keys(source=True)


def test_a_copy_takes_no_right_to_tags_or_annotations(trigger: Trigger) -> None:
    sent: list[dict[str, bytes]] = []
    s3_client().meta.events.register_last(
        "before-send.s3.CopyObject", lambda request, **_: sent.append(dict(request.headers))
    )
    trigger.upload("source-folder/a.png", picture(), Tagging="team=web")
    trigger.handle(trigger.upload("a.png", b"mine", by_hand=True))
    [headers] = sent
    assert headers["x-amz-tagging-directive"] == b"REPLACE"
    assert headers["x-amz-object-annotation-directive"] == b"EXCLUDE"
    assert b"x-amz-object-annotation-directive" in headers["Authorization"]


def test_a_restored_original_starts_nothing(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", picture())
    trigger.handle(trigger.upload("a.png", b"mine", by_hand=True))
    assert trigger.handle(trigger.record(trigger.source, "restore-folder/a.png")) == {
        "restore-folder/a.png": "outside"
    }


def test_without_an_original_nothing_is_done(trigger: Trigger) -> None:
    assert trigger.handle(trigger.upload("a.png", b"mine", by_hand=True)) == {"a.png": "no original"}
    assert not trigger.keys(source=True)


def test_an_upload_that_was_deleted_meanwhile(trigger: Trigger) -> None:
    assert trigger.handle(trigger.record(trigger.destination, "a.png")) == {"a.png": "gone"}


def test_the_same_event_again_restores_once(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", picture())
    by_hand = trigger.upload("a.png", b"mine", by_hand=True)
    trigger.handle(by_hand)
    trigger.s3.put_object(Bucket=trigger.source, Key="restore-folder/a.png", Body=b"edited since")

    assert trigger.handle(by_hand) == {"a.png": "current"}

    assert trigger.stored("restore-folder/a.png", source=True)["Body"].read() == b"edited since"


def test_a_late_event_of_the_original_spares_the_manual_upload(trigger: Trigger) -> None:
    record = trigger.upload("source-folder/a.png", picture())
    trigger.handle(record)
    trigger.upload("a.png", b"mine", by_hand=True)

    assert trigger.handle(record) == {"source-folder/a.png": "kept"}

    assert trigger.stored("a.png")["Body"].read() == b"mine"


def test_derivatives_of_other_tools_are_replaced(trigger: Trigger) -> None:
    trigger.upload("a.png", b"old", by_hand=True, Metadata={"resized": "true"})
    assert trigger.handle(trigger.upload("source-folder/a.png", picture())) == {"source-folder/a.png": "made"}
    assert trigger.derivative("a.png").size == (300, 300)
