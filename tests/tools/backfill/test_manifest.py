"""The manifest of a backfill."""

from pathlib import Path

import boto3
import pytest
from batch_operations import parse_task
from botocore.stub import Stubber

from tests.tools.backfill.conftest import PREFIX, REGION, FakeAccount
from tools.backfill.manifest import decode_key, list_originals, read_manifest, write_manifest


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("a.jpg", "b,a.jpg"),
        ("folder/a b.jpg", "b,folder/a%20b.jpg"),
        ("a+b.jpg", "b,a%2Bb.jpg"),
        ("100%.jpg", "b,100%25.jpg"),
        ('one,"two"\n.jpg', "b,one%2C%22two%22%0A.jpg"),
        ("日本 é 😀.jpg", "b,%E6%97%A5%E6%9C%AC%20%C3%A9%20%F0%9F%98%80.jpg"),
    ],
)
def test_a_line(tmp_path: Path, key: str, line: str) -> None:
    path = tmp_path / "manifest.csv"

    write_manifest(path, "b", [key, "last"])

    assert path.read_bytes() == f"{line}\nb,last\n".encode()
    [[bucket, encoded], _] = read_manifest(path)
    assert decode_key(encoded) == key
    # S3 Batch Operations passes the key on as the manifest has it.
    task = {"taskId": "1", "s3Bucket": bucket, "s3Key": encoded, "s3VersionId": None}
    event = {"invocationSchemaVersion": "2.0", "invocationId": "1", "job": {"id": "1"}, "tasks": [task]}
    assert parse_task(event).key == key


def test_originals_are_those_whose_upload_starts_the_function(account: FakeAccount) -> None:
    for name in ("a.jpg", "deep/er/b c+%.png"):
        account.put(name)
    for name in ("notes.txt", "a.JPG", "folder.jpg/", "a.jpg.bak"):
        account.put(name)
    account.put("c.jpg", prefix="restore-folder/")
    account.put("d.jpg", prefix="elsewhere/")

    found = {
        original.key: original.size_bytes
        for original in list_originals(account.deployment.s3, account.outputs)
    }

    assert set(found) == {f"{PREFIX}a.jpg", f"{PREFIX}deep/er/b c+%.png"}
    assert all(found.values())


def test_page_after_page(account: FakeAccount) -> None:
    client = boto3.client("s3", region_name=REGION)
    with Stubber(client) as stubber:
        for page in range(3):
            more = {"NextContinuationToken": f"page {page + 1}"} if page < 2 else {}
            objects = [{"Key": f"{PREFIX}{page}{number}.jpg", "Size": 5} for number in range(2)]
            stubber.add_response("list_objects_v2", {"IsTruncated": page < 2, "Contents": objects, **more})
        found = list_originals(client, account.outputs)
        # Pages are requested on demand.
        assert next(found).key == f"{PREFIX}00.jpg"
        with pytest.raises(AssertionError):
            stubber.assert_no_pending_responses()
        assert len(list(found)) == 5
    client.close()
