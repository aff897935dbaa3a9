"""The tasks by purpose, which `./invokew` prints."""

import textwrap
from collections.abc import Iterator

from invoke.collection import Collection

_GROUPS = {
    "See it on your machine": ("up", "down"),
    "Before you deploy": ("cost", "simulate", "load"),
    "Deploy to AWS": ("build", "plan", "apply", "destroy"),
    "Operate": ("doctor", "logs", "purge", "erase", "sign", "backfill", "redrive"),
    "Develop": (
        "test",
        "lint",
        "docs",
        "lock",
        "fuzz",
        "bench",
        "corpora",
        "frameworks",
        "provider6",
        "release",
        "clean",
    ),
}
_WIDTH = 110


def format_overview(collection: Collection) -> str:
    """Return the tasks by purpose, each with the first line of its description.

    Tasks without a group come last.
    """
    tasks = {
        name: str(collection[name].__doc__).partition("\n")[0]
        for name in collection.task_names
        if name != collection.default
    }
    lines = list(_format_groups(tasks))
    return "\n".join([*lines, "", "Options of a task: ./invokew --help up"])


def _format_groups(tasks: dict[str, str]) -> Iterator[str]:
    grouped = {name for names in _GROUPS.values() for name in names}
    for title, names in {**_GROUPS, "More": sorted(tasks.keys() - grouped)}.items():
        found = [name for name in names if name in tasks]
        if found:
            yield f"\n{title}"
        for name in found:
            yield textwrap.fill(
                tasks[name], _WIDTH, initial_indent=f"  {name:<12}", subsequent_indent=" " * 14
            )
