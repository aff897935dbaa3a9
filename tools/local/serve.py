"""Program of the process that runs a stack: `python -m tools.local.serve OPTIONS`.

`tools.local.commands` starts the process as leader of a session, so that its children are distinguishable
from other processes and a closed terminal does not end a detached stack.
"""

import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from types import FrameType

from tools.console import ToolError, step
from tools.local import reaper
from tools.local.examples import find_examples
from tools.local.options import StackOptions, listen
from tools.local.playground import Backend, PlaygroundServer
from tools.local.stack import Stack
from tools.local.state import StateFolder
from tools.process import DEVNULL, start

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run the stack until a signal arrives or the stack crashes.

    Returns:
        Exit code; 0 after a signal. After a failure the result file contains the reason.
    """
    options = StackOptions.from_json(sys.argv[1])
    state = options.state
    start_reaper()
    for number in _STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        with Stack(options) as stack:
            with step("Requesting the examples"):
                examples = find_examples(stack)
            with PlaygroundServer(_listen_for_playground(options), Backend(stack)) as playground:
                print(f"\nPlayground: {playground.url}", flush=True)
                print(_format_addresses(stack, examples), flush=True)
                _write_result(
                    state,
                    {
                        "ready": True,
                        "edge_urls": stack.edge_urls,
                        "emulator_url": stack.emulator_url,
                        "playground_url": playground.url,
                    },
                )
                stack.wait()
    except KeyboardInterrupt:
        # Terraform's providers ignore SIGINT.
        os.killpg(0, signal.SIGTERM)
        return 0
    except ToolError as error:
        _write_result(state, {"error": str(error.message)})
        return 1
    return 0


def start_reaper() -> None:
    """Kill the rest of this process's group when this process, its leader, has ended."""
    read_end, _ = os.pipe()
    # No child inherits the write end, a bare file descriptor, and only the end of this process closes it.
    command = [sys.executable, "-P", reaper.__file__, str(os.getpgrp())]
    start(command, stdin=read_end, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True)
    os.close(read_end)


def _listen_for_playground(options: StackOptions) -> socket.socket:
    """Listen on the port after those of the variants, or on any free port if that port is in use."""
    port = options.port and options.port + len(options.variants)
    try:
        return listen(port)
    except (ToolError, OverflowError):  # the latter: a port above 65,535
        return listen(0)


def _stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler's signature
    """Interrupt the stack, and Terraform in the same process group."""
    for other in _STOP_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    os.killpg(0, signal.SIGINT)
    raise KeyboardInterrupt


def _write_result(state: StateFolder, result: dict[str, object]) -> None:
    """Write the result file atomically, since `up` polls the file."""
    draft = state.result.with_suffix(".draft")
    draft.write_text(json.dumps(result), encoding="utf-8")
    draft.replace(state.result)


def _format_addresses(stack: Stack, examples: Mapping[str, Sequence[str]]) -> str:
    """Return the URLs to try."""
    lines = []
    for variant, url in stack.edge_urls.items():
        lines.append(f"\n{variant}: {url}")
        lines += [f"  {example}" for example in examples[variant]]
    return "\n".join(
        [
            *lines,
            *_format_upload_hint(stack),
            f"\nAWS endpoint: {stack.emulator_url} (any Region, key and secret: test)",
            f"Bucket: {stack.outputs['bucket_name']}",
        ]
    )


def _format_upload_hint(stack: Stack) -> list[str]:
    """Return the command that uploads an image to the bucket of s3_trigger."""
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
