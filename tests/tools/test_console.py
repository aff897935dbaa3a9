"""Text of others on a terminal, and the errors that quote it."""

import pytest

from tools.console import ToolError, printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("folder/Zoë 日本 😀 100%.jpg", "folder/Zoë 日本 😀 100%.jpg"),
        (r"back\slash", r"back\slash"),
        ("a\x1b[2J\x07", r"a\x1b[2J\x07"),  # clears the screen and rings
        ("\x9b31m", r"\x9b31m"),  # the same introducer as one C1 character
        ("one\ntwo\rthree\tfour\x7f", r"one\ntwo\rthree\tfour\x7f"),
        ("a\u2028b\u2029c\x85", r"a\u2028b\u2029c\x85"),
        ("\u202egnp.exe\u2066\u200f", r"\u202egnp.exe\u2066\u200f"),
        ("zero\u200bwidth\ufeff\xa0", r"zero\u200bwidth\ufeff\xa0"),
        ("\udcff", r"\udcff"),  # a byte that was no UTF-8
        ("\U000e0041", r"\U000e0041"),  # an invisible tag
    ],
)
def test_printable(text: str, expected: str) -> None:
    assert printable(text) == expected
    assert printable(expected) == expected


def test_an_error_keeps_its_lines_and_nothing_else() -> None:
    error = ToolError("terraform failed.\n  \x1b[31mError\x1b[0m: \u202ename\r")
    assert error.message == "terraform failed.\n  \\x1b[31mError\\x1b[0m: \\u202ename\\r"
    assert error.code == 1
