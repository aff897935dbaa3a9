"""Rules for the settings of a deployment."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple


class Rule(NamedTuple):
    """The valid values of a setting.

    Attributes:
        is_valid: returns whether a value is valid.
        expected: the valid values in words, such as "the name of a bucket".
    """

    is_valid: Callable[[str], bool]
    expected: str


def matching(pattern: str, expected: str) -> Rule:
    """Return the rule for values that match a regular expression from start to end."""
    return Rule(lambda value: re.fullmatch(pattern, value) is not None, expected)


def one_of(values: Iterable[str]) -> Rule:
    """Return the rule for a setting that has one of these values."""
    choices = tuple(values)
    return Rule(lambda value: value in choices, f"one of {', '.join(choices)}")


# S3 user guide, "Bucket naming rules". The strict pattern keeps other host names out of addresses of S3.
BUCKET_NAME = matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket")
# Part of a signed request, so the value has only visible ASCII characters and single spaces.
CACHE_CONTROL = matching(r"[!-~]+( [!-~]+)*", "a value of Cache-Control such as public, max-age=86400")
QUALITY = matching(r"[1-9][0-9]?|100", "a whole number from 1 to 100")


def find_problems(settings: Mapping[str, str], rules: Mapping[str, Rule]) -> list[str]:
    """Return one sentence for each setting that breaks its rule. A missing setting counts as empty."""
    return [
        f"{name} must be {rule.expected}, not {settings.get(name, '')!r}"
        for name, rule in rules.items()
        if not rule.is_valid(settings.get(name, ""))
    ]
