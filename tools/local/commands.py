"""`invoke up` and `invoke down`: start the process of the stack, print its output, stop the process."""

import json
import shutil
import signal
import sys
import time
import webbrowser
from pathlib import Path
from types import FrameType

from tools.console import ToolError
from tools.local.logs import format_log_tail
from tools.local.options import StackOptions
from tools.local.state import StateFolder, kill_leftovers, lock_pid_file, stop_holder, write_pid
from tools.paths import PROJECT, STATE
from tools.process import DEVNULL, STDOUT, Process, start
from tools.terraform import isolate_environment

_POLL_SECONDS = 0.1
_GRACE_SECONDS = 30.0


def up(options: StackOptions, *, detach: bool = False, show: bool = False) -> None:
    """Start the stack and print its progress. Wait until Ctrl-C, or return when the stack is ready.

    Args:
        options: options of the stack, see `check_options`.
        detach: return when the stack is ready; `down` stops the stack.
        show: open the playground in the user's browser.

    Raises:
        ToolError: the stack could not start or crashed. No process is left; the logs are kept.
    """
    state = options.state
    process = _start(state, options)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_keyboard_interrupt)
    try:
        _follow(state, process, detach=detach, show=show)
    except KeyboardInterrupt:
        print("\nStopping the local stack, which may take 20 seconds.", flush=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C has no other meaning
        _stop(state)


def down(folder: Path = STATE) -> None:
    """Stop the stack and remove its files. Without a stack, only files of an earlier stack are removed."""
    state = StateFolder(folder.resolve())
    print("The local stack is stopped." if _stop(state) else "No local stack is running.")


def _raise_keyboard_interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # a signal handler's signature
    raise KeyboardInterrupt


def _start(state: StateFolder, options: StackOptions) -> Process:
    """Empty the folder, and start the process of the stack, which inherits the lock of the folder."""
    with lock_pid_file(state.stack_pid) as pid_file, state.stack_log.open("wb") as log:
        kill_leftovers(state)
        _clear_folder(state)
        process = start(
            [sys.executable, "-m", "tools.local.serve", options.to_json()],
            cwd=PROJECT,
            environment=isolate_environment(state.home),
            pass_fds=[pid_file.fileno()],
            stdin=DEVNULL,
            stdout=log,
            stderr=STDOUT,
            start_new_session=True,
        )
        write_pid(pid_file, process.pid)
    return process


def _clear_folder(state: StateFolder) -> None:
    """Remove the files of an earlier stack."""
    for path in state.path.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path not in (state.stack_pid, state.stack_log):
            path.unlink()


def _follow(state: StateFolder, process: Process, *, detach: bool, show: bool = False) -> None:
    """Print the output of the process until the stack is ready; without `detach`, until the process ends."""
    with state.stack_log.open("rb") as log:
        announced = False
        while process.poll() is None:
            _print_output(log.read())
            if not announced and _is_ready(state):
                _print_output(log.read())
                if show:
                    webbrowser.open(json.loads(state.result.read_text("utf-8"))["playground_url"])
                if detach:
                    print("Stop it with: ./invokew down", flush=True)
                    return
                print("Press Ctrl-C to stop.", flush=True)
                announced = True
            time.sleep(_POLL_SECONDS)
        _print_output(log.read())
    if process.returncode != 0:
        raise ToolError(_read_failure(state))


def _is_ready(state: StateFolder) -> bool:
    """Return True if the stack is ready. The result file of a start that failed has an error instead."""
    try:
        return "ready" in json.loads(state.result.read_text("utf-8"))
    except FileNotFoundError:
        return False


def _print_output(output: bytes) -> None:
    sys.stdout.write(output.decode("utf-8", "replace"))
    sys.stdout.flush()


def _read_failure(state: StateFolder) -> str:
    """Return the reason from the result file; without one, the end of the log."""
    try:
        return str(json.loads(state.result.read_text("utf-8"))["error"])
    except (FileNotFoundError, KeyError):
        return f"The local stack ended unexpectedly.\n{format_log_tail(state.stack_log)}"


def _stop(state: StateFolder) -> bool:
    """Stop the process and remove the folder. Return True if a process was running."""
    stopped = stop_holder(state.stack_pid, grace_seconds=_GRACE_SECONDS)
    kill_leftovers(state)
    shutil.rmtree(state.path, ignore_errors=True)
    return stopped
