"""Chromium, driven through its pipe by the DevTools protocol (https://chromedevtools.github.io/devtools-protocol)."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
# Chromium reads commands from descriptor 3 and writes to 4.
_LAUNCHER = """
import os, sys
for number, target in zip(sys.argv[1:3], (3, 4)):
    os.dup2(int(number), target)
os.execv(sys.argv[3], sys.argv[3:])
"""
_WAIT_SECONDS = 60.0
_POLL_SECONDS = 0.05
# Layout shifts without input in the last half second: https://web.dev/articles/cls
_WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  const nodes = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80));
  if (!entry.hadRecentInput) window.shifts.push([entry.value, ...nodes]);
})).observe({ type: 'layout-shift', buffered: true });
"""


class Browser:
    """A page in a Chromium of its own, inside the `with` block.

    Attributes:
        problems: errors and warnings in the console, failed requests and exceptions.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sent = 0
        self.problems: list[str] = []

    def __enter__(self) -> Self:
        """Start Chromium with an empty page."""
        read_commands, write_commands = os.pipe()
        read_results, write_results = os.pipe()
        self._process = subprocess.Popen(  # noqa: S603  # the browser
            [
                sys.executable,
                "-c",
                _LAUNCHER,
                str(read_commands),
                str(write_results),
                str(CHROMIUM),
                f"--user-data-dir={self._folder}",
                *_FLAGS,
            ],
            pass_fds=(read_commands, write_results),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(read_commands)
        os.close(write_results)
        self._commands, self._results = os.fdopen(write_commands, "wb"), os.fdopen(read_results, "rb")
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=_WATCH_SHIFTS)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End Chromium and its children."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._commands.close()
        self._results.close()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while (received := self._read()).get("id") != self._sent:
            self._note(received)
        assert "error" not in received, (method, received["error"])
        result: dict[str, Any] = received["result"]
        return result

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, which may be a promise."""
        result = self.call(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wait_until(self, expression: str) -> None:
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + _WAIT_SECONDS
        while not self.evaluate(expression):
            assert time.monotonic() < deadline, (expression, self.text("body"), self.problems)
            time.sleep(_POLL_SECONDS)

    def open(self, url: str, *, width: int, height: int, dark: bool = False, ratio: float = 1) -> None:
        """Open a page in a window of some size."""
        mobile = width < 600
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=ratio,
            mobile=mobile,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        self.wait_until(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    @contextmanager
    def slow_network(self, milliseconds: int) -> Iterator[None]:
        """Delay each response."""
        limits = {"offline": False, "downloadThroughput": -1, "uploadThroughput": -1}
        self.call("Network.emulateNetworkConditions", latency=milliseconds, **limits)
        try:
            yield
        finally:
            self.call("Network.emulateNetworkConditions", latency=0, **limits)

    def text(self, selector: str) -> str:
        """Return the visible text of an element."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText"))

    def click(self, selector: str, x: float = 0.5, y: float = 0.5) -> None:
        """Click at a place of an element, in fractions of its size."""
        box = self._use(
            selector,
            "element.scrollIntoView({ block: 'center', behavior: 'instant' });"
            "const { left, top, width, height } = element.getBoundingClientRect();"
            "return { left, top, width, height };",
        )
        place = {"x": box["left"] + x * box["width"], "y": box["top"] + y * box["height"]}
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key.

        Args:
            key: name of the key in the UI Events specification, such as `Backspace`.
            code: Windows virtual key code.
            text: characters that the key inserts.
        """
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text
            )

    def fill(self, selector: str, text: str) -> None:
        """Replace the text of a field by typing."""
        self._use(selector, "element.focus(); element.select();")
        if text:
            self.call("Input.insertText", text=text)
        else:
            self.press("Backspace", 8)

    def select(self, selector: str, value: str) -> None:
        """Select an option of a list, or set the value of a slider."""
        self._use(
            selector,
            f"element.value = {json.dumps(value)};"
            "element.dispatchEvent(new Event('input', { bubbles: true }));"
            "element.dispatchEvent(new Event('change', { bubbles: true }));",
        )

    def choose_file(self, selector: str, file: Path) -> None:
        """Choose a file in a file input."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[str(file)])

    def _use(self, selector: str, statements: str) -> Any:
        """Run statements with an element, and return their result."""
        return self.evaluate(
            f"(() => {{ const element = document.querySelector({json.dumps(selector)}); {statements} }})()"
        )

    def _read(self) -> dict[str, Any]:
        buffer = bytearray()
        while (byte := self._results.read(1)) != b"\0":
            assert byte, "Chromium ended."
            buffer += byte
        received: dict[str, Any] = json.loads(buffer)
        return received

    def _note(self, event: dict[str, Any]) -> None:
        parameters = event.get("params", {})
        match event.get("method"):
            case "Log.entryAdded" if parameters["entry"]["level"] in ("error", "warning"):
                self.problems.append(f"{parameters['entry']['text']} {parameters['entry'].get('url')}")
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.problems.append(str(parameters["args"]))
            case "Runtime.exceptionThrown":
                self.problems.append(str(parameters["exceptionDetails"]))
            case "Network.loadingFailed" if not parameters.get("canceled"):
                self.problems.append(str(parameters))
