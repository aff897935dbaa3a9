"""Rules for settings, and the sentences about settings that break them."""

import pytest
from lambda_runtime import BUCKET_NAME, QUALITY, Rule, find_problems, matching, one_of

COLOUR = one_of(("red", "green"))
LETTERS = matching("[a-z]+", "small letters")


@pytest.mark.parametrize(
    ("rule", "value", "valid"),
    [
        (LETTERS, "abc", True),
        (LETTERS, "abc1", False),
        (LETTERS, "abc\n", False),
        (COLOUR, "red", True),
        (COLOUR, "Red", False),
        (COLOUR, "", False),
        (BUCKET_NAME, "my.images-2", True),
        (BUCKET_NAME, "abc", True),
        (BUCKET_NAME, "a" * 63, True),
        (BUCKET_NAME, "a" * 64, False),
        (BUCKET_NAME, "ab", False),
        (BUCKET_NAME, "-images", False),
        (BUCKET_NAME, "Images", False),
        (BUCKET_NAME, "evil.example/", False),
        (QUALITY, "1", True),
        (QUALITY, "100", True),
        (QUALITY, "0", False),
        (QUALITY, "101", False),
        (QUALITY, "080", False),
        (QUALITY, "٨٠", False),
    ],
)
def test_valid_values(rule: Rule, value: str, valid: bool) -> None:  # noqa: FBT001  # a column of the table
    assert rule.is_valid(value) is valid


def test_every_problem_is_one_sentence() -> None:
    rules = {"COLOUR": COLOUR, "NAME": LETTERS, "BUCKET": BUCKET_NAME}
    assert find_problems({"COLOUR": "blue", "NAME": "abc", "OTHER": "?"}, rules) == [
        "COLOUR must be one of red, green, not 'blue'",
        "BUCKET must be the name of a bucket, not ''",
    ]
