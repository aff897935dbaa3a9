"""The samples of `invoke doctor` leave no delete marker, although the function purge deletes some of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.tools.erase.conftest import Account, make_account, moto_address
from tools.doctor.patient import RESERVED, Patient
from tools.erase.objects import list_versions

__all__ = ["make_account", "moto_address"]


@pytest.mark.parametrize("is_purged", [True, False])
def test_the_delete_marker_of_purge_is_deleted_too(
    make_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch, *, is_purged: bool
) -> None:
    account = make_account()
    variants = frozenset({"s3_trigger"} if is_purged else ())
    outputs = replace(account.deployment.outputs, purged_variants=variants)
    deployment = replace(account.deployment, outputs=outputs)
    vars(deployment).update(s3=account.s3)
    found = Patient(deployment=deployment, distribution=outputs.distributions[-1])
    destination, derivative = outputs.destination_bucket or "", f"{RESERVED}{found.run}/sample.jpg"
    account.put(found.key("sample.jpg"))
    account.put(derivative, destination)
    # Purge runs as late as possible: while the doctor waits, otherwise between listing and deletion.
    events = ["deleted"] if is_purged else []

    def run_purge(_: float = 0) -> None:
        if events:
            events.clear()
            account.s3.delete_object(Bucket=destination, Key=derivative)

    def list_late(s3: Any, location: Any) -> list[Any]:
        listed = list(list_versions(s3, location))
        if location.bucket == destination:
            run_purge()
        return listed

    monkeypatch.setattr("time.sleep", run_purge)
    monkeypatch.setattr("tools.doctor.patient.list_versions", list_late)
    found.clean()

    assert events == []
    assert account.list_keys() == set()
