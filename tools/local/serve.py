"""The process that runs a stack: `python -m tools.local.serve WISH`, started by `tools.local.commands`.

It leads a session of its own: what it starts can be told apart from everything else, and a terminal that
closes does not take a detached stack along.
"""

import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from urllib.parse import quote

from tools.console import ToolError
from tools.local.stack import Stack
from tools.local.state import StateFolder

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_EXAMPLES = 4
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
            _write_result(state, {"ready": True, "emulator_url": stack.emulator_url})
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
    lines = []
    for variant, url in stack.edge_urls.items():
        lines.append(f"\n{variant}: {url}")
        lines += [f"  {url}/{path}" for path in _paths(stack, variant)]
    return "\n".join(
        [
            *lines,
            *_uploading(stack),
            f"\nAWS endpoint: {stack.emulator_url} (any Region, key and secret: test)",
            f"Bucket: {stack.outputs['bucket_name']}",
        ]
    )


def _paths(stack: Stack, variant: str) -> list[str]:
    """Some pictures, each in another way."""
    trigger = stack.outputs.get("s3_trigger") if variant == "s3_trigger" else None
    prefix = trigger["source_prefix"] if trigger else ""
    listed = stack.s3.list_objects_v2(Bucket=stack.outputs["bucket_name"], Delimiter="/", Prefix=prefix)
    keys = [found["Key"].removeprefix(prefix) for found in listed.get("Contents", [])]
    if trigger:
        return [quote(key) for key in keys if key.endswith(tuple(trigger["suffixes"]))][:_EXAMPLES]
    return [f"{quote(key)}?{query}" for key, query in zip(keys, _TRANSFORMS[variant], strict=False)]


def _uploading(stack: Stack) -> list[str]:
    """How to drop a picture where uploads are resized."""
    trigger = stack.outputs.get("s3_trigger")
    if not trigger:
        return []
    client = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 aws"
    there = f"--endpoint-url {stack.emulator_url} s3 cp"
    return [
        f"\nUploads are resized into the bucket {trigger['destination_bucket']}. Try:",
        f"  {client} {there} photo.jpg s3://{trigger['source_bucket']}/{trigger['source_prefix']}",
    ]


if __name__ == "__main__":
    sys.exit(main())
