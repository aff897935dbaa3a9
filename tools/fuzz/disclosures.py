"""Search every response of the product to a corpus for metadata, with exiftool."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.fuzz.exiftool import read_tags, surplus
from tools.fuzz.trials import faults, try_files

# Each batch starts Python and exiftool once, and its responses are on the disk at the same time.
_BATCH_FILES = 100
# The memory of a function with the default limits: some responses have as many pixels as the original.
_FUNCTION_BYTES = 1769 << 20


@dataclass(frozen=True, kw_only=True)
class Search:
    """The responses to the files of a corpus, and what was found in them.

    Attributes:
        corpus: name of the corpus.
        files: number of files.
        responses: number of responses in which exiftool searched.
        findings: a sentence for each fault: surplus tags of a response, a response that exiftool could not
            read, or an original on which the product failed.
    """

    corpus: str
    files: int
    responses: int
    findings: Sequence[str]


def search(corpus: str, files: Sequence[Path]) -> Search:
    """Make the responses to all files, and search them.

    Raises:
        ToolError: exiftool is missing, or the process that makes the responses failed.
    """
    responses = 0
    findings: list[str] = []
    for batch in batched(files, _BATCH_FILES, strict=False):
        with TemporaryDirectory() as folder:
            tried = try_files(batch, "tools.fuzz.responses", Path(folder))
            findings += [f"{one['path']}: {why}" for one in tried for why in faults(one, _FUNCTION_BYTES)]
            made = sorted(path.name for path in Path(folder).iterdir())
            responses += len(made)
            originals = {name_of(path.read_bytes()): path for path in batch}
            findings += _describe_surplus(made, Path(folder), originals)
    return Search(corpus=corpus, files=len(files), responses=responses, findings=findings)


def name_of(data: bytes) -> str:
    """Return the beginning of the names of the responses to an original, up to the first hyphen."""
    return hashlib.sha256(data).hexdigest()[:16]


def _describe_surplus(names: Iterable[str], folder: Path, originals: Mapping[str, Path]) -> Iterator[str]:
    tags = read_tags(folder)
    for name in names:
        found = sorted(surplus(tags[name])) if name in tags else ["exiftool cannot read the response"]
        original, _, response = name.partition("-")
        if found:
            yield f"{originals[original]}, {response}: {', '.join(found)}"


def render_searches(searches: Sequence[Search]) -> str:
    """Render a row for each corpus, as Markdown."""
    lines = ["| corpus | files | responses | findings |", "|---|--:|--:|--:|"]
    lines += [
        f"| {one.corpus} | {one.files:,} | {one.responses:,} | {len(one.findings):,} |" for one in searches
    ]
    return "\n".join(lines)
