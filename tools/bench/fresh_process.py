"""Script: import a handler, call the handler with one event if there is one, print the durations as JSON.

Arguments: the folder of the modules, the module of the handler, and the event as JSON or nothing.

Processor time counts from the start of the interpreter, as in a cold start of Lambda.
"""

import importlib
import json
import logging  # noqa: F401 - as Lambda's own runtime does before it imports a handler
import resource
import sys
import time


class Context:
    """The context object that Lambda passes to a handler."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Return the timeout of an origin-request function."""
        return 30_000


folder, module, *events = sys.argv[1:]
sys.path.insert(0, folder)
started = time.perf_counter()
handler = importlib.import_module(module).lambda_handler
imported = time.perf_counter()
result = handler(json.loads(events[0]), Context()) if events else {}
ended = time.perf_counter()
children = resource.getrusage(resource.RUSAGE_CHILDREN)
measured = {
    "uri": result.get("uri"),
    "import_ms": 1000 * (imported - started),
    "first_request_ms": 1000 * (ended - started),
    "cpu_ms": 1000 * (time.process_time() + children.ru_utime + children.ru_stime),
}
print(json.dumps(measured))
