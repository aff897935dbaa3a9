"""A manual upload into the destination restores the original; a derivative does not."""

import pytest
from s3_trigger.handler import s3_client

from tests.functions.s3_trigger.conftest import Trigger, make_image
from tests.libs.s3_http.fault_proxy import status


def test_a_derivative_is_skipped(trigger: Trigger) -> None:
    trigger.handle(trigger.upload("source-folder/a.png", make_image()))
    assert trigger.handle(trigger.record(trigger.destination, "a.png")) == {"a.png": "marked"}
    assert trigger.keys(source=True) == {"source-folder/a.png"}


@pytest.mark.parametrize("name", ["a.png", "folder/two words + ü.png"])
def test_a_manual_upload_restores_the_original(trigger: Trigger, name: str) -> None:
    trigger.handle(
        trigger.upload(
            f"source-folder/{name}", make_image("red"), Metadata={"width": "9"}, ContentType="image/png"
        )
    )
    manual = trigger.upload(name, b"manual", manual=True)

    assert trigger.handle(manual) == {name: "restored"}

    restored = trigger.read_object(f"restore-folder/{name}", source=True)
    assert restored["Body"].read() == make_image("red")
    assert (restored["Metadata"], restored["ContentType"]) == ({"width": "9"}, "image/png")
    assert trigger.read_object(name)["Body"].read() == b"manual"


def test_an_error_document_in_a_200_is_retried(trigger: Trigger) -> None:
    """The error occurs after S3 has sent the status line of CopyObject."""
    trigger.handle(trigger.upload("source-folder/a.png", make_image()))
    record = trigger.upload("a.png", b"manual", manual=True)
    trigger.proxy.inject(status(200, error="InternalError"), method="PUT", times=1)
    assert trigger.handle(record) == {"a.png": "restored"}
    assert "restore-folder/a.png" in trigger.keys(source=True)


def test_a_copy_needs_no_permission_for_tags_or_annotations(trigger: Trigger) -> None:
    sent: list[dict[str, bytes]] = []
    s3_client().meta.events.register_last(
        "before-send.s3.CopyObject", lambda request, **_: sent.append(dict(request.headers))
    )
    trigger.upload("source-folder/a.png", make_image(), Tagging="team=web")
    trigger.handle(trigger.upload("a.png", b"manual", manual=True))
    [headers] = sent
    assert headers["x-amz-tagging-directive"] == b"REPLACE"
    assert headers["x-amz-object-annotation-directive"] == b"EXCLUDE"
    assert b"x-amz-object-annotation-directive" in headers["Authorization"]


def test_a_restored_original_gets_no_derivative(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", make_image())
    trigger.handle(trigger.upload("a.png", b"manual", manual=True))
    assert trigger.handle(trigger.record(trigger.source, "restore-folder/a.png")) == {
        "restore-folder/a.png": "outside"
    }


def test_a_restored_original_is_not_restored_again(trigger: Trigger, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the whole bucket as source, the keys of both buckets are the same."""
    monkeypatch.setenv("SOURCE_PREFIX", "")
    trigger.upload("restore-folder/a.png", make_image())
    manual = trigger.upload("restore-folder/a.png", b"manual", manual=True)
    assert trigger.handle(manual) == {"restore-folder/a.png": "no original"}
    assert trigger.keys(source=True) == {"restore-folder/a.png"}


def test_a_manual_upload_without_an_original(trigger: Trigger) -> None:
    assert trigger.handle(trigger.upload("a.png", b"manual", manual=True)) == {"a.png": "no original"}
    assert not trigger.keys(source=True)


def test_a_deleted_manual_upload(trigger: Trigger) -> None:
    assert trigger.handle(trigger.record(trigger.destination, "a.png")) == {"a.png": "gone"}


def test_the_same_event_again_restores_once(trigger: Trigger) -> None:
    trigger.upload("source-folder/a.png", make_image())
    manual = trigger.upload("a.png", b"manual", manual=True)
    trigger.handle(manual)
    trigger.s3.put_object(Bucket=trigger.source, Key="restore-folder/a.png", Body=b"edited since")

    assert trigger.handle(manual) == {"a.png": "current"}

    assert trigger.read_object("restore-folder/a.png", source=True)["Body"].read() == b"edited since"


def test_a_late_event_of_the_original_keeps_the_manual_upload(trigger: Trigger) -> None:
    record = trigger.upload("source-folder/a.png", make_image())
    trigger.handle(record)
    trigger.upload("a.png", b"manual", manual=True)

    assert trigger.handle(record) == {"source-folder/a.png": "kept"}

    assert trigger.read_object("a.png")["Body"].read() == b"manual"


def test_derivatives_of_other_tools_are_replaced(trigger: Trigger) -> None:
    trigger.upload("a.png", b"old", manual=True, Metadata={"resized": "true"})
    assert trigger.handle(trigger.upload("source-folder/a.png", make_image())) == {
        "source-folder/a.png": "made"
    }
    assert trigger.derivative("a.png").size == (300, 300)
