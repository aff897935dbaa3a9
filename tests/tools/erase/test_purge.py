"""`invoke purge`, with all variants in moto."""

import shlex
from dataclasses import replace

import pytest

from tests.tools.erase.conftest import Account
from tools.console import ToolError
from tools.erase.locations import parse_selection
from tools.erase.purge import purge, purge_selection

ORIGINALS = ("cats/tom.jpg", "cats/tim.jpg", "photo.jpg")


@pytest.mark.parametrize(
    ("text", "purged", "paths"),
    [
        ("photo.jpg", {"photo.jpg"}, {"/photo.jpg*"}),
        ("cats/", {"cats/tom.jpg", "cats/tim.jpg"}, {"/cats/*"}),
        ("cats/to*", {"cats/tom.jpg"}, {"/cats/to*"}),
        ("*", set(ORIGINALS), {"/*"}),
        ("missing.jpg", set(), {"/missing.jpg*"}),
    ],
)
def test_derivatives_are_deleted_and_originals_stay(
    account: Account,
    capsys: pytest.CaptureFixture[str],
    text: str,
    purged: set[str],
    paths: set[str],
) -> None:
    originals, derivatives, destination = account.buckets
    for key in ORIGINALS:
        for _ in range(2):
            account.put(f"resized/{key}/v4_clean")
            account.put(f"{key}/v4_w64_q80", derivatives)
        account.put(key)
        account.put(key, destination)
        account.s3.delete_object(Bucket=originals, Key=f"resized/{key}/v4_clean")
    selection = parse_selection(text)
    before = account.list_keys()
    purge_selection(replace(account.deployment, configuration="my infra"), selection)
    assert account.list_keys() == before
    question = capsys.readouterr().out
    assert "Nothing was deleted. Run it with: ./invokew purge" in question
    assert " --configuration 'my infra' --yes\n" in question
    assert bool(purged) is (f"No derivative of {selection.text} is stored." not in question)

    purge_selection(account.deployment, selection, yes=True)
    gone = {f"originals/resized/{key}/v4_clean" for key in purged}
    gone |= {f"derivatives/{key}/v4_w64_q80" for key in purged}
    assert account.list_keys() == before - gone
    assert set(account.list_invalidated()["regional_resize"]) == paths
    number = 2 * len(purged)
    report = capsys.readouterr().out.partition("Deleted and invalidated:")[2]
    assert f"  derivatives of regional_resize: {number} objects in s3://" in report
    assert bool(purged) is (f"{number} objects, {number // 2} delete marker" in report)


@pytest.mark.parametrize("text", ["O'Brien & $HOME.jpg", "cats/t*"])
def test_the_command_in_the_question_is_for_a_shell(
    account: Account, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    purge_selection(account.deployment, parse_selection(text))
    command = capsys.readouterr().out.rpartition("Run it with: ")[2]
    assert shlex.split(command) == ["./invokew", "purge", text, "--local", "--yes"]


def test_no_key() -> None:
    with pytest.raises(ToolError, match="Name the key of an original, a folder such as cats/"):
        purge("")
