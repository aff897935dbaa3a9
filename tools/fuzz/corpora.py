"""Files that other projects keep because something once broke on them, through the libraries, counted."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.console import ToolError, step
from tools.fuzz.fetch import CORPORA, Corpus
from tools.fuzz.limits import HANG_SECONDS, MEMORY_BYTES
from tools.fuzz.supervisor import environment
from tools.paths import PROJECT
from tools.process import PIPE, start

_FOLDER = PROJECT / ".corpora"
_PAGE = PROJECT / "docs" / "corpora.md"
_TEXT = """# Files on which others broke

Made by `invoke corpora`: every file of these folders, image or not, in the sources of packages.

{corpora}

Each goes through `image_core` to 180 x 180 and 1280 x 720, as JPEG, as WebP and in its own format, under
the default limits, and through `image_metadata`, in a process of its own. No check may take {seconds} s of
CPU time, no process more than {megabytes} MB; a file gets an answer or a named error, anything else is a
finding. An answer of `image_core` has the size that was promised, decodes in every frame, fits its box and
carries no metadata; one of `image_metadata` shows the same pixels as the file, and cleaned again it is the
same.

`images` are files that got an answer at least once, `slowest` is the CPU time of a check, `memory` the
highest peak of a process, Python and the libraries included.

{table}
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a target made of a corpus.

    Attributes:
        files: that were tried.
        images: files with at least one answer.
        outcomes: of all checks of all files.
        slowest_seconds: CPU time of the slowest check.
        peak_bytes: the most memory that a process had which tried one file.
    """

    corpus: Corpus
    target: str
    files: int
    images: int
    outcomes: Counter[str]
    slowest_seconds: float
    peak_bytes: int


def corpora() -> None:
    """Try every file of every corpus, print the table and write it to docs/corpora.md.

    Raises:
        ToolError: a corpus cannot be fetched; or a file crashed, hung, took too much memory or got no answer
            and no named error.
    """
    rows: list[Row] = []
    findings: list[str] = []
    for corpus in CORPORA:
        files = corpus.files(_FOLDER)
        with step(f"{corpus.package}: {len(files)} files"):
            tried = list(try_files(files))
        rows += _rows(corpus, tried)
        findings += [f"{one['path']}: {why}" for one in tried for why in faults(one)]
    table = _table(rows)
    print(table)
    _PAGE.write_text(_page(table))
    if findings:
        raise ToolError("\n".join([*findings, f"{len(findings)} findings."]))


def try_files(files: Sequence[Path], checks: str = "tools.fuzz.targets") -> Iterator[dict[str, Any]]:
    """Of each file what came out of it, how its process ended, and the most memory that it had.

    Args:
        files: to be tried.
        checks: the module with the checks, as AS_DELIVERED.
    """
    command = [sys.executable, "-m", "tools.fuzz.trial", checks]
    process = start(command, cwd=PROJECT, environment=environment(), stdin=PIPE, stdout=PIPE)
    printed, _ = process.communicate("".join(f"{path}\n" for path in files).encode())
    if process.returncode:
        raise ToolError("The files could not be tried: see above.")
    yield from map(json.loads, printed.splitlines())


def faults(one: dict[str, Any]) -> Iterator[str]:
    """What is wrong with what came of a file."""
    if one["ended"]:
        yield f"the process ended with {one['ended']}"
    if one["peak_bytes"] > MEMORY_BYTES:
        yield f"{one['peak_bytes'] >> 20} MB"
    for outcome in one["outcomes"]:
        if outcome["outcome"] == "finding":
            yield f"{outcome['target']}: neither an answer nor a named error"


def _rows(corpus: Corpus, tried: Sequence[dict[str, Any]]) -> Iterator[Row]:
    targets = dict.fromkeys(outcome["target"] for one in tried for outcome in one["outcomes"])
    for target in targets:
        each = [[told for told in one["outcomes"] if told["target"] == target] for one in tried]
        told = [outcome for outcomes in each for outcome in outcomes]
        yield Row(
            corpus=corpus,
            target=target,
            files=len(tried),
            images=sum(any(one["outcome"] == "answer" for one in outcomes) for outcomes in each),
            outcomes=Counter(outcome["outcome"] for outcome in told),
            slowest_seconds=max(outcome["seconds"] for outcome in told),
            peak_bytes=max(one["peak_bytes"] for one in tried),
        )


def _table(rows: Sequence[Row]) -> str:
    outcomes = [
        "answer",
        *sorted({name for row in rows for name in row.outcomes} - {"answer", "finding"}),
        "finding",
    ]
    columns = ["files", "images", *outcomes, "slowest", "memory"]
    lines = [f"| corpus | library | {' | '.join(columns)} |", "|---|---|" + "--:|" * len(columns)]
    for row in rows:
        numbers = [row.files, row.images, *(row.outcomes[name] for name in outcomes)]
        cells = [f"{number:,}" for number in numbers]
        cells += [f"{row.slowest_seconds:.1f} s", f"{row.peak_bytes >> 20} MB"]
        lines.append(f"| {row.corpus.package} | {row.target} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _page(table: str) -> str:
    what = "\n".join(
        f"- {corpus.what}: `{corpus.within}` of {next((_FOLDER / corpus.package).iterdir()).name}"
        for corpus in CORPORA
    )
    return _TEXT.format(corpora=what, table=table, seconds=HANG_SECONDS, megabytes=MEMORY_BYTES >> 20)
