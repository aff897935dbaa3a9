"""The process that runs a stack: `python -m tools.local.serve WISH`, started by `tools.local.commands`.

It leads a session of its own: what it starts can be told apart from everything else, and a terminal that
closes does not take a detached stack along.
"""

import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from tools.console import ToolError
from tools.local.stack import Stack
from tools.local.state import StateFolder

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TRANSFORMS = {
    "edge_resize": ("size=M&to_webp=1", "size=SS", "size=S", "size=XS&to_webp=1"),
    "object_lambda": ("showExif=true", "showExif=false", "size=M&to_webp=1", "size=SS"),
}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What `invoke up` was asked for."""

    folder: str
    port: int
    variants: list[str]
    origin: str | None
    images: str

    def to_json(self) -> str:
        """As the argument of the process."""
        return json.dumps(asdict(self))


def main() -> int:
    """Run the stack until a signal comes or it breaks.

    Returns:
        The exit code: 0 when it was asked to stop. The result file has the sentence of a failure.
    """
    wish = Wish(**json.loads(sys.argv[1]))
    state = StateFolder(Path(wish.folder))
    for number in _STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        stack = Stack(
            state.path,
            port=wish.port,
            variants=wish.variants,
            origin=wish.origin,
            images=Path(wish.images),
        )
        with stack:
            print(_welcome(stack), flush=True)
            _write_result(state, {"ready": True})
            stack.watch()
    except KeyboardInterrupt:
        # Terraform's providers, which do not listen to SIGINT.
        os.killpg(0, signal.SIGTERM)
        return 0
    except ToolError as error:
        _write_result(state, {"error": str(error.message)})
        return 1
    return 0


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler's signature
    """Break off what is being done. Terraform, if it runs, is in the same group and breaks off as well."""
    for other in _STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    os.killpg(0, signal.SIGINT)
    raise KeyboardInterrupt


def _write_result(state: StateFolder, result: dict[str, object]) -> None:
    """In one step: who waits for the file reads all of it or nothing."""
    draft = state.result.with_suffix(".draft")
    draft.write_text(json.dumps(result), encoding="utf-8")
    draft.replace(state.result)


def _welcome(stack: Stack) -> str:
    """The addresses to try."""
    bucket = stack.outputs["bucket_name"]
    listed = stack.s3.list_objects_v2(Bucket=bucket, Delimiter="/").get("Contents", [])
    paths = [quote(found["Key"]) for found in listed]
    lines = []
    for variant, url in stack.edge_urls.items():
        lines.append(f"\n{variant}: {url}")
        lines += [f"  {url}/{path}?{query}" for path, query in zip(paths, _TRANSFORMS[variant], strict=False)]
    return "\n".join(
        [
            *lines,
            f"\nAWS endpoint: {stack.emulator_url} (any Region, key and secret: test)",
            f"Bucket: {bucket}",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
