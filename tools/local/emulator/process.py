"""The AWS emulator as a child process, which enforces IAM, bucket policies and signatures."""

import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import boto3
import botocore.session
from boto3.session import Session
from botocore.config import Config

from tools.console import ToolError
from tools.local import guard
from tools.local.emulator.names import INVALIDATION_LOG, REGION, REQUEST_LOG, ROOT_KEY
from tools.local.logs import format_log_tail
from tools.local.state import StateFolder
from tools.paths import PROJECT
from tools.process import PIPE, STDOUT, Process, TimeoutExpired, start

_SERVICES = (
    "acm,cloudfront,cloudfront-keyvaluestore,events,iam,kms,lambda,logs,monitoring,route53,s3,sqs,sts,wafv2"
)
_START_SECONDS = 60.0
_STOP_SECONDS = 5.0


class Emulator:
    """A MiniStack process on a free port of 127.0.0.1, running inside the `with` block.

    Args:
        state: folder for the log and temporary files.
        environment: additional environment variables of the emulator and the functions.
    """

    def __init__(self, state: StateFolder, environment: Mapping[str, str] | None = None) -> None:
        self._state = state
        self._environment = dict(environment or {})
        self._process: Process | None = None
        self.url = ""

    def __enter__(self) -> Self:
        """Start the emulator and wait until it is ready.

        Raises:
            ToolError: the process ended or did not respond; the message contains the end of the log.
        """
        self._state.temporary.mkdir(parents=True, exist_ok=True)
        self.invalidation_log.touch()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen(128)
            port: int = listener.getsockname()[1]
            self.url = f"http://127.0.0.1:{port}"
            self._spawn(listener.fileno(), port)
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the emulator."""
        self.stop()

    def _spawn(self, listener: int, port: int) -> None:
        self._state.emulator_log.unlink(missing_ok=True)
        # Appended to, so that the file can be emptied: see `rotate_output`.
        with self._state.emulator_log.open("ab") as log:
            self._process = start(
                [sys.executable, "-P", guard.__file__, "-m", "tools.local.emulator.boot", str(listener)],
                cwd=PROJECT,
                environment=self._child_environment(port),
                pass_fds=[listener],
                stdin=PIPE,
                stdout=log,
                stderr=STDOUT,
                start_new_session=True,
            )

    def _child_environment(self, port: int) -> dict[str, str]:
        """Return variables that exclude the user's AWS and Docker settings and keep files in the folder."""
        folder = self._state.temporary
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": ROOT_KEY,
            "AWS_SECRET_ACCESS_KEY": ROOT_KEY,
            "DOCKER_HOST": f"unix://{folder}/no-docker",
            "GATEWAY_PORT": str(port),
            INVALIDATION_LOG: str(self.invalidation_log),
            REQUEST_LOG: str(self._state.request_log),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "SERVICES": _SERVICES,
            "SFTP_ENABLED": "0",
            **self._environment,
        }

    def _wait_until_healthy(self) -> None:
        # The socket listens before the process runs, so that the first request waits in its queue.
        try:
            health = f"{self.url}/_ministack/health"
            # The user's proxy would not reach an address of this machine.
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with direct.open(health, timeout=_START_SECONDS) as response:
                response.read()
        except (OSError, urllib.error.URLError) as error:
            raise ToolError(
                f"The AWS emulator did not start.\n{format_log_tail(self._state.emulator_log)}"
            ) from error

    @property
    def invalidation_log(self) -> Path:
        """File that is longer after each successful CreateInvalidation. The edge reads only the size."""
        return self._state.temporary / "invalidations"

    @property
    def pid(self) -> int:
        """Process ID of the guard, which ends with the emulator; 0 if none runs."""
        return self._process.pid if self._process else 0

    @property
    def crashed(self) -> bool:
        """True if the process ended without `stop`."""
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """End the process and the sandboxes of its functions."""
        if self._process is None:
            return
        process, self._process = self._process, None
        with process:
            if process.poll() is not None:
                return
            # The guard leads a process group that contains the sandboxes of the functions.
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    def session(self) -> Session:
        """Return a boto3 session with the root key. Clients need `endpoint_url=emulator.url`."""
        return root_session()


def root_session() -> Session:
    """Return a boto3 session with the root key that ignores the user's profiles, settings and proxies."""
    defaults = botocore.session.Session.SESSION_VARIABLES
    # Each value is (name in a profile, environment variable, default, type). Only the defaults are kept.
    variables = {name: (None, None, default, cast) for name, (_, _, default, cast) in defaults.items()}
    variables |= dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
    core = botocore.session.Session(session_vars=variables)
    core.set_default_client_config(Config(proxies={}))
    return boto3.Session(
        aws_access_key_id=ROOT_KEY,
        aws_secret_access_key=ROOT_KEY,
        region_name=REGION,
        botocore_session=core,
    )
